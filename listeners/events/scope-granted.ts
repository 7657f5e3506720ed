import type { Recorder } from '../../services/grants/recorder';
import { appAnswerEvent, readEvent } from './payloads';

/** The app itself, not a user of it, was granted scopes. */
export function createScopeGrantedListener({ recorder }: { recorder: Recorder }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { eventId, teamId, event } = readEvent(appAnswerEvent, body);
    await recorder.recordGranted({
      eventId,
      teamId,
      userId: null,
      scopes: event.scopes,
      triggerId: event.trigger_id,
    });
  };
}
