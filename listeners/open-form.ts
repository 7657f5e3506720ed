import type { CatalogEntry } from '../services/catalog';
import type { Trigger } from '../services/trigger/trigger';
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
  const { open } = await permissions.listChoices(trigger);
  if (open.length === 0) {
    return reply.send({
      text: `You have granted all that can be asked. ${code('/permissions status')} shows what.`,
    });
  }
  const result = await exchange.exchange(
    form.method,
    { [form.argument]: JSON.stringify(form.build(open)) },
    trigger,
  );
  if (result.ok) return;
  logger.warn({ method: form.method, error: result.error, user_id: trigger.userId }, 'a form was not opened');
  reply.send(formNotOpenedMessage(result.error, form.action));
}
