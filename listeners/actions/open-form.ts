import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Trigger } from '../../services/slack/trigger';
import type { ListenerDependencies } from '../dependencies';
import { createReply, type Reply } from '../reply';
import { toTrigger } from '../trigger';

/** "Continue" where a form did not open: `open` is tried again with the fresh trigger of this press. */
export function createOpenFormAction(
  dependencies: ListenerDependencies,
  open: (dependencies: ListenerDependencies, trigger: Trigger, reply: Reply) => Promise<void>,
) {
  return async ({
    body,
    context,
    ack,
  }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const trigger = toTrigger(body, 'block_action', context);
    await open(
      dependencies,
      trigger,
      createReply(dependencies, { responseUrl: body.response_url, to: trigger }),
    );
  };
}
