import type { CatalogEntry } from '../services/config/catalog';
import { createShortId } from '../services/runtime/short-id';
import { toOperatorAdvice } from '../services/slack/errors';
import type { Trigger } from '../services/slack/trigger';
import { formNotOpenedMessage, permissionDialog, permissionView } from './blocks/forms';
import { ids } from './blocks/ids';
import { code } from './blocks/text';
import type { ListenerDependencies } from './dependencies';
import type { Reply } from './reply';

export type OpenForm = ReturnType<typeof createOpenForm>;

/** Opens the legacy dialog: https://docs.slack.dev/reference/methods/dialog.open */
export const openDialog = createOpenForm('dialog.open', ids.actions.openDialog, (open) => ({
  dialog: JSON.stringify(permissionDialog(open)),
}));

/** Opens the modal: https://docs.slack.dev/reference/methods/views.open */
export const openView = createOpenForm('views.open', ids.actions.openView, (open) => ({
  view: JSON.stringify(permissionView(open)),
}));

/** A way to ask by a form. The button with the id `action` opens it again. */
function createOpenForm(
  method: 'dialog.open' | 'views.open',
  action: string,
  toArguments: (open: readonly CatalogEntry[]) => Record<string, string>,
) {
  /** Uses up the trigger to open the form; answers the user where there is nothing to choose, or Slack did not open it. */
  return async (
    { permissions, exchange, logger }: Pick<ListenerDependencies, 'permissions' | 'exchange' | 'logger'>,
    trigger: Trigger,
    reply: Reply,
  ): Promise<void> => {
    const open = await permissions.listOffers(trigger);
    if (open.length === 0) {
      return reply.send({
        text: `You have granted all that can be asked. ${code('/permissions status')} shows what.`,
      });
    }
    const result = await exchange.callWithTrigger(method, toArguments(open), trigger);
    if (result.ok) return;
    const { error } = result;
    // The operator reads of it under the reference that the user is given.
    const reference = createShortId();
    const advice = toOperatorAdvice(error, undefined);
    const about = { method, error, advice, reference, user_id: trigger.userId };
    if (advice === undefined) logger.warn(about, 'form not opened');
    else logger.error(about, 'form refused: operator action needed');
    reply.send(formNotOpenedMessage({ error, reference, action }));
  };
}
