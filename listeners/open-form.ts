import type { CatalogEntry } from '../services/config/catalog';
import { createShortId } from '../services/runtime/short-id';
import { toOperatorAdvice } from '../services/slack/errors';
import type { Trigger } from '../services/slack/trigger';
import { formNotOpenedMessage } from './blocks/forms';
import { code } from './blocks/text';
import type { ListenerDependencies } from './dependencies';
import type { Reply } from './reply';

/** A way to ask by a form, opened with a trigger of its own. */
interface Form {
  method: 'dialog.open' | 'views.open';
  /** The argument that holds the form. */
  argument: 'dialog' | 'view';
  build: (open: readonly CatalogEntry[]) => object;
  /** The button that opens it again. */
  action: string;
}

/** Uses up the trigger to open the form; answers the user where there is nothing to choose, or Slack did not open it. */
export async function openForm(
  { permissions, exchange, logger }: Pick<ListenerDependencies, 'permissions' | 'exchange' | 'logger'>,
  form: Form,
  trigger: Trigger,
  reply: Reply,
): Promise<void> {
  const open = await permissions.listOffers(trigger);
  if (open.length === 0) {
    return reply.send({
      text: `You have granted all that can be asked. ${code('/permissions status')} shows what.`,
    });
  }
  const result = await exchange.callWithTrigger(
    form.method,
    { [form.argument]: JSON.stringify(form.build(open)) },
    trigger,
  );
  if (result.ok) return;
  reply.send(
    formNotOpenedMessage({
      error: result.error,
      reference: reportFault(form, result.error),
      action: form.action,
    }),
  );

  /** The operator reads of it under the reference that the user is given. */
  function reportFault({ method }: Form, error: string): string {
    const reference = createShortId();
    const advice = toOperatorAdvice(error, undefined);
    const about = { method, error, advice, reference, user_id: trigger.userId };
    if (advice === undefined) logger.warn(about, 'form not opened');
    else logger.error(about, 'form refused: operator action needed');
    return reference;
  }
}
