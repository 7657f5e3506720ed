import { ask } from '../ask';
import { ids, MAX_REASON_LENGTH } from '../blocks/ids';
import type { ListenerDependencies } from '../dependencies';
import { readGesture } from '../gesture';
import type { DialogArgs } from '../router';

/** The legacy dialog was submitted. Slack may leave out its trigger; then "Continue" brings one. */
export function createPermissionDialogListener(dependencies: ListenerDependencies) {
  return async ({ body, context, ack }: DialogArgs): Promise<void> => {
    const { [ids.inputs.scopes]: scope, [ids.inputs.reason]: reason } = body.submission;
    if (!scope) return ack({ errors: [{ name: ids.inputs.scopes, error: 'Choose a permission.' }] });
    const gesture = readGesture(dependencies, 'dialog_submission', { body, context });
    const what = { scopes: [scope], reason: reason?.slice(0, MAX_REASON_LENGTH) };
    await ask(dependencies, { ...gesture, what });
    await ack();
  };
}
