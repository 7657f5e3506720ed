import type { Recorder } from '../../services/answers/recorder';
import type { Clock } from '../../services/runtime/clock';
import { readEvent, userAnswerEvent } from './payloads';

/** The user approved an `apps.permissions.users.request`. */
export function createUserResourceGrantedListener({ recorder, clock }: { recorder: Recorder; clock: Clock }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(userAnswerEvent, body, clock);
    await recorder.record({
      type: 'granted',
      ...received,
      userId: event.user,
      scopes: event.scopes,
      triggerId: event.trigger_id,
    });
  };
}
