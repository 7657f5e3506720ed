import type { ListenerDependencies } from '../dependencies';
import { appAnswerEvent, createEventListener, userAnswerEvent, userRemovedEvent } from './payloads';

type Dependencies = Pick<ListenerDependencies, 'recorder' | 'enterprises' | 'clock'>;

/** The user answered an `apps.permissions.users.request`: `user_resource_granted`, `user_resource_denied`. */
export function createUserAnswerListener(dependencies: Dependencies, type: 'granted' | 'denied') {
  return createEventListener(userAnswerEvent, dependencies, (received, event) => {
    const { user: userId, scopes, trigger_id: triggerId } = event;
    return dependencies.recorder.record({ type, ...received, userId, scopes, triggerId });
  });
}

/** The app itself, not a user of it, was granted or denied scopes: `scope_granted`, `scope_denied`. */
export function createAppAnswerListener(dependencies: Dependencies, type: 'granted' | 'denied') {
  return createEventListener(appAnswerEvent, dependencies, (received, event) => {
    const { scopes, trigger_id: triggerId } = event;
    return dependencies.recorder.record({ type, ...received, userId: null, scopes, triggerId });
  });
}

/** `user_resource_removed`: the user took back everything they had granted. The event names no scopes. */
export function createUserResourceRemovedListener(dependencies: Dependencies) {
  return createEventListener(userRemovedEvent, dependencies, (received, event) => {
    const { user: userId, trigger_id: triggerId } = event;
    return dependencies.recorder.record({ type: 'removed', ...received, userId, triggerId });
  });
}
