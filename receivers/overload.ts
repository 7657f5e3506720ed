import { ids } from '../listeners/blocks/ids';

const SENTENCE =
  'Scopekeeper has more to do right now than it can. Nothing was asked: try again in a minute.';

const toCommand = { response_type: 'ephemeral', text: SENTENCE };
const toDialog = { errors: [{ name: ids.inputs.scopes, error: SENTENCE }] };
const toView = { response_action: 'errors', errors: { [ids.blocks.scopes]: SENTENCE } };

/**
 * The answer that Slack shows the user while the app is overloaded. Undefined where Slack shows none: it retries an event, and
 * shows a warning beside a button.
 */
export function toOverloadedAnswer(body: Readonly<Record<string, unknown>>): object | undefined {
  if ('command' in body) return toCommand;
  if (body.type === 'dialog_submission') return toDialog;
  if (body.type === 'view_submission') return toView;
  return undefined;
}

/**
 * The same from the bytes of a form: verifying and parsing would cost more than the rest of a refusal, and the answer reveals
 * nothing to a forger. Undefined where the bytes are not conclusive, so that the body must be read.
 */
export function toOverloadedAnswerUnread(form: Buffer): object | undefined {
  // Typed text cannot contain this: `&` and `=` are encoded.
  if (form.includes('&command=%2F')) return toCommand;
  const start = form.toString('latin1', 0, MAX_START_LENGTH);
  if (start.startsWith(`${PAYLOAD}dialog_submission`)) return toDialog;
  if (start.startsWith(`${PAYLOAD}view_submission`)) return toView;
  return undefined;
}

const PAYLOAD = 'payload=%7B%22type%22%3A%22';
const MAX_START_LENGTH = 100;
