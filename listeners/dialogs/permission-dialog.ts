import { ask } from '../ask';
import { ids, MAX_REASON_LENGTH } from '../blocks/ids';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { DialogArgs } from '../router';
import { toTrigger } from '../trigger';

/** The legacy dialog was submitted. Slack may leave out its trigger; then "Continue" brings one. */
export function createPermissionDialogListener(dependencies: ListenerDependencies) {
  return async ({ body, context, ack }: DialogArgs): Promise<void> => {
    const { [ids.inputs.scopes]: scope, [ids.inputs.reason]: reason } = body.submission;
    if (!scope) return ack({ errors: [{ name: ids.inputs.scopes, error: 'Choose a permission.' }] });
    const trigger = toTrigger(body, 'dialog_submission', context);
    const reply = createReply(dependencies, { responseUrl: body.response_url, to: trigger });
    await ask(dependencies, {
      trigger,
      what: { scopes: [scope], reason: reason?.slice(0, MAX_REASON_LENGTH) },
      reply,
    });
    await ack();
  };
}
