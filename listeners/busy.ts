import { ids } from './blocks/ids';

const SENTENCE =
  'Scopekeeper has more to do right now than it can. Nothing was asked: try again in a minute.';

const toCommand = { response_type: 'ephemeral', text: SENTENCE };
const toDialog = { errors: [{ name: ids.inputs.scopes, error: SENTENCE }] };
const toView = { response_action: 'errors', errors: { [ids.blocks.scopes]: SENTENCE } };

/**
 * What Slack is told where too much is under way already: words that it shows the user beside what they did. Undefined
 * where it shows none: an event is sent again, and a button bears a warning.
 */
export function toBusyAnswer(body: Readonly<Record<string, unknown>>): object | undefined {
  if ('command' in body) return toCommand;
  if (body.type === 'dialog_submission') return toDialog;
  if (body.type === 'view_submission') return toView;
  return undefined;
}

/**
 * The same for a form as it came. To verify and to read it would take longer than all else of a refusal, and nobody learns
 * anything from one. Undefined: it cannot be told from this, so it has to be read.
 */
export function toBusyAnswerUnread(form: Buffer): object | undefined {
  // What a user types cannot look like this: `&` and `=` are encoded.
  if (form.includes('&command=%2F')) return toCommand;
  const start = form.toString('latin1', 0, LONGEST_START);
  if (start.startsWith(`${PAYLOAD}dialog_submission`)) return toDialog;
  if (start.startsWith(`${PAYLOAD}view_submission`)) return toView;
  return undefined;
}

const PAYLOAD = 'payload=%7B%22type%22%3A%22';
const LONGEST_START = 100;
