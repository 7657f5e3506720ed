import type { Recorder } from '../../services/grants/recorder';
import { appAnswerEvent, readEvent } from './payloads';

/** The app itself, not a user of it, was denied scopes. */
export function createScopeDeniedListener({ recorder }: { recorder: Recorder }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { eventId, teamId, event } = readEvent(appAnswerEvent, body);
    await recorder.recordDenied({
      eventId,
      teamId,
      userId: null,
      scopes: event.scopes,
      triggerId: event.trigger_id,
    });
  };
}
