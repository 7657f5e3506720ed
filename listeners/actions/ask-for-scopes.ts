import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { ids } from '../blocks/ids';
import { outcomeMessage } from '../blocks/outcome';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import { toTrigger } from '../trigger';

/** The button under the multi-select of `/permissions`. */
export function createAskForScopesAction(dependencies: ListenerDependencies) {
  const { permissions, clock } = dependencies;

  return async ({
    body,
    context,
    ack,
    respond,
  }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const selected = body.state?.values[ids.blocks.scopes]?.[ids.inputs.scopes]?.selected_options ?? [];
    const trigger = toTrigger(body, 'block_action', context, clock);
    const answer = outcomeMessage(
      await permissions.ask({ trigger, scopes: selected.map((option) => option.value) }),
    );
    if (answer !== undefined) createReply(dependencies, { respond, to: trigger }).send(answer);
  };
}
