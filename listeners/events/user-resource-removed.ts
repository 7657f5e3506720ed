import type { Recorder } from '../../services/answers/recorder';
import type { Clock } from '../../services/runtime/clock';
import { readEvent, userRemovedEvent } from './payloads';

/** The user took back everything they had granted: the event names no scopes. */
export function createUserResourceRemovedListener({ recorder, clock }: { recorder: Recorder; clock: Clock }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(userRemovedEvent, body, clock);
    await recorder.record({ type: 'removed', ...received, userId: event.user, triggerId: event.trigger_id });
  };
}
