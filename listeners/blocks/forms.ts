import type { Dialog, View } from '@slack/web-api';
import type { CatalogEntry } from '../../services/config/catalog';
import type { Message } from '../../services/messages/messenger';
import { toCause, toRemedy } from '../../services/slack/errors';
import { ids, MAX_REASON_LENGTH } from './ids';
import { toReason } from './outcome';
import { scopeInput } from './scope-input';
import { actions, button, code, plain, section } from './text';

const TITLE = 'Request permissions';
const REASON_HINT = 'Kept in the grant log, where admins read it.';

/** The legacy dialog: https://docs.slack.dev/legacy/legacy-dialogs */
export function permissionDialog(open: readonly CatalogEntry[]): Dialog {
  return {
    callback_id: ids.dialog,
    title: TITLE,
    submit_label: 'Ask',
    elements: [
      {
        type: 'select',
        label: 'Permission',
        name: ids.inputs.scopes,
        options: open.map((entry) => ({ label: entry.label, value: entry.scope })),
      },
      {
        type: 'textarea',
        label: 'Reason',
        name: ids.inputs.reason,
        optional: true,
        max_length: MAX_REASON_LENGTH,
        hint: REASON_HINT,
      },
    ],
  };
}

/** The modal: https://docs.slack.dev/surfaces/modals */
export function permissionView(open: readonly CatalogEntry[]): View {
  return {
    type: 'modal',
    callback_id: ids.view,
    title: plain(TITLE),
    submit: plain('Ask'),
    close: plain('Cancel'),
    blocks: [
      scopeInput(open),
      {
        type: 'input',
        block_id: ids.blocks.reason,
        optional: true,
        label: plain('Reason'),
        hint: plain(REASON_HINT),
        element: {
          type: 'plain_text_input',
          action_id: ids.inputs.reason,
          multiline: true,
          max_length: MAX_REASON_LENGTH,
        },
      },
    ],
  };
}

/** Where Slack did not open a form: a press brings the trigger for another try, if another can help. */
export function formNotOpenedMessage({
  error,
  reference,
  action,
}: {
  error: string;
  reference: string;
  action: string;
}): Message {
  const remedy = toRemedy(toCause(error));
  if (remedy !== 'again') {
    const who = remedy === 'admin' ? 'An admin has to act: tell them' : 'If it stays so, tell an admin';
    return { text: `Slack did not open the form (${code(error)}). ${who} the reference ${code(reference)}.` };
  }
  const why = toReason(error);
  return {
    text: `${why} Press Continue to open the form.`,
    blocks: [
      section(`${why}\nPress *Continue* to open the form.`),
      actions(button(action, 'Continue', { style: 'primary' })),
    ],
  };
}
