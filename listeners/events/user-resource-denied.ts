import type { Recorder } from '../../services/grants/recorder';
import { readEvent, userAnswerEvent } from './payloads';

/** The user declined an `apps.permissions.users.request`. */
export function createUserResourceDeniedListener({ recorder }: { recorder: Recorder }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { eventId, teamId, event } = readEvent(userAnswerEvent, body);
    await recorder.recordDenied({
      eventId,
      teamId,
      userId: event.user,
      scopes: event.scopes,
      triggerId: event.trigger_id,
    });
  };
}
