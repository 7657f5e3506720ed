import type { Trigger } from '../../services/slack/trigger';
import type { ListenerDependencies } from '../dependencies';
import { createReply, type Reply } from '../reply';
import type { ActionArgs } from '../router';
import { toTrigger } from '../trigger';

/** "Continue" where a form did not open: `open` is tried again with the fresh trigger of this press. */
export function createOpenFormAction(
  dependencies: ListenerDependencies,
  open: (dependencies: ListenerDependencies, trigger: Trigger, reply: Reply) => Promise<void>,
) {
  return async ({ body, context, ack }: ActionArgs): Promise<void> => {
    const trigger = toTrigger(body, 'block_action', context);
    await open(
      dependencies,
      trigger,
      createReply(dependencies, { responseUrl: body.response_url, to: trigger }),
    );
    await ack();
  };
}
