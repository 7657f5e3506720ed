import type { AllMiddlewareArgs, BlockAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { answerAsk } from '../answer';
import { ids } from '../blocks/ids';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import { toTrigger } from '../trigger';

/** The button under the multi-select of `/permissions` and of the home, where the state is the view's. */
export function createAskForScopesAction(dependencies: ListenerDependencies) {
  const { permissions, clock } = dependencies;

  return async ({
    body,
    context,
    ack,
    respond,
  }: SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const values = body.state?.values ?? body.view?.state.values;
    const selected = values?.[ids.blocks.scopes]?.[ids.inputs.scopes]?.selected_options ?? [];
    const trigger = toTrigger(body, 'block_action', context, clock);
    const scopes = selected.map((option) => option.value);
    const outcome = await permissions.ask({ trigger, scopes });
    answerAsk(dependencies, outcome, createReply(dependencies, { respond, to: trigger }));
  };
}
