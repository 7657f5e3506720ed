import type { AllMiddlewareArgs, DialogSubmitAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { answerAsk } from '../answer';
import { ids } from '../blocks/ids';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import { toTrigger } from '../trigger';

/** The legacy dialog was submitted. Slack may leave out its trigger; then "Continue" brings one. */
export function createPermissionDialogListener(dependencies: ListenerDependencies) {
  const { permissions, clock } = dependencies;

  return async ({
    body,
    context,
    ack,
    respond,
  }: SlackActionMiddlewareArgs<DialogSubmitAction> & AllMiddlewareArgs): Promise<void> => {
    const scope = body.submission[ids.inputs.scopes];
    if (!scope) return ack({ errors: [{ name: ids.inputs.scopes, error: 'Choose a permission.' }] });
    await ack();
    const reason = body.submission[ids.inputs.reason];
    const trigger = toTrigger(body, 'dialog_submission', context, clock);
    const outcome = await permissions.ask({ trigger, scopes: [scope], reason });
    answerAsk(dependencies, outcome, createReply(dependencies, { respond, to: trigger }));
  };
}
