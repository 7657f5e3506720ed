import { ids } from './blocks/ids';

const SENTENCE =
  'Scopekeeper has more to do right now than it can. Nothing was asked: try again in a minute.';

/**
 * What Slack is told where too much is under way already: words that it shows the user beside what they did. Undefined
 * where it shows none: an event is sent again, and a button bears a warning.
 */
export function toBusyAnswer(body: Readonly<Record<string, unknown>>): object | undefined {
  if ('command' in body) return { response_type: 'ephemeral', text: SENTENCE };
  if (body.type === 'dialog_submission') return { errors: [{ name: ids.inputs.scopes, error: SENTENCE }] };
  if (body.type === 'view_submission')
    return { response_action: 'errors', errors: { [ids.blocks.scopes]: SENTENCE } };
  return undefined;
}
