import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { answerAsk } from '../answer';
import { ids } from '../blocks/ids';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import { toTrigger } from '../trigger';

/** The modal was submitted: it closes, and Slack's own prompt comes up in its place. */
export function createPermissionViewListener(dependencies: ListenerDependencies) {
  const { permissions, clock } = dependencies;

  return async ({
    body,
    view,
    context,
    ack,
  }: SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs): Promise<void> => {
    const { values } = view.state;
    const selected = values[ids.blocks.scopes]?.[ids.inputs.scopes]?.selected_options ?? [];
    if (selected.length === 0) {
      return ack({
        response_action: 'errors',
        errors: { [ids.blocks.scopes]: 'Choose at least one permission.' },
      });
    }
    await ack();
    const reason = values[ids.blocks.reason]?.[ids.inputs.reason]?.value;
    const trigger = toTrigger(body, 'view_submission', context, clock);
    const scopes = selected.map((option) => option.value);
    const outcome = await permissions.ask({ trigger, scopes, reason });
    answerAsk(dependencies, outcome, createReply(dependencies, { to: trigger }));
  };
}
