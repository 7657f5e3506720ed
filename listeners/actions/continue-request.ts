import { ask } from '../ask';
import { outcomeMessage } from '../blocks/outcome';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { ActionArgs } from '../router';
import { toTrigger } from '../trigger';
import { buttonValue } from './button-value';

/** "Continue": the same request goes on with the fresh trigger of this press. */
export function createContinueRequestAction(dependencies: ListenerDependencies) {
  return async ({ action, body, context, ack }: ActionArgs): Promise<void> => {
    const trigger = toTrigger(body, 'block_action', context);
    const reply = createReply(dependencies, { responseUrl: body.response_url, to: trigger });
    const what = { requestId: buttonValue(action) ?? '' };
    await ask(dependencies, { trigger, what, reply }, (outcome) => {
      const message = outcomeMessage(outcome);
      if (message === undefined) reply.dismiss();
      else reply.replace(message);
    });
    await ack();
  };
}
