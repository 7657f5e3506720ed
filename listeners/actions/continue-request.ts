import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { outcomeMessage } from '../blocks/outcome';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import { toTrigger } from '../trigger';

/** "Continue": the same request goes on with the fresh trigger of this press. */
export function createContinueRequestAction(dependencies: ListenerDependencies) {
  const { permissions, clock } = dependencies;

  return async ({
    action,
    body,
    context,
    ack,
    respond,
  }: SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const trigger = toTrigger(body, 'block_action', context, clock);
    const outcome = await permissions.continueRequest({ trigger, requestId: action.value ?? '' });
    const reply = createReply(dependencies, { respond, to: trigger });
    if (outcome.kind === 'queued') dependencies.waitingReplies.remember(outcome.request.id, reply);
    const answer = outcomeMessage(outcome);
    if (answer === undefined) reply.dismiss();
    else reply.replace(answer);
  };
}
