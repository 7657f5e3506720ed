import type { Recorder } from '../../services/grants/recorder';
import { readEvent, userRemovedEvent } from './payloads';

/** The user took back everything they had granted: the event names no scopes. */
export function createUserResourceRemovedListener({ recorder }: { recorder: Recorder }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { eventId, teamId, event } = readEvent(userRemovedEvent, body);
    await recorder.recordRemoved({ eventId, teamId, userId: event.user, triggerId: event.trigger_id });
  };
}
