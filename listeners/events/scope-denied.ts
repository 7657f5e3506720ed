import type { Recorder } from '../../services/answers/recorder';
import type { Clock } from '../../services/runtime/clock';
import { appAnswerEvent, readEvent } from './payloads';

/** The app itself, not a user of it, was denied scopes. */
export function createScopeDeniedListener({ recorder, clock }: { recorder: Recorder; clock: Clock }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(appAnswerEvent, body, clock);
    await recorder.record({
      type: 'denied',
      ...received,
      userId: null,
      scopes: event.scopes,
      triggerId: event.trigger_id,
    });
  };
}
