import { ask } from '../ask';
import { outcomeMessage } from '../blocks/outcome';
import type { ListenerDependencies } from '../dependencies';
import { readPress } from '../gesture';
import type { ActionArgs } from '../router';

/** "Continue": the same request goes on with the fresh trigger of this press. */
export function createContinueRequestAction(dependencies: ListenerDependencies) {
  return async (args: ActionArgs): Promise<void> => {
    const { trigger, reply, value = '' } = readPress(dependencies, args);
    await ask(dependencies, { trigger, what: { requestId: value }, reply }, (outcome) => {
      const message = outcomeMessage(outcome);
      if (message === undefined) reply.dismiss();
      else reply.replace(message);
    });
    await args.ack();
  };
}
