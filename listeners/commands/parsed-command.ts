import { toPlainText } from '../../services/runtime/plain-text';
import { ids } from '../blocks/ids';

/** The text after `/permissions`, parsed. */
export type ParsedCommand =
  | { command: 'overview' | 'form' | 'status' | 'sync' | 'revoke' | 'help' }
  | { command: 'request'; scopes: string[] }
  /** As typed. */
  | { command: 'log'; words: string[] }
  | { command: 'unknown'; word: string };

/** Of a word repeated in our answer. */
const MAX_WORD_LENGTH = 50;

/** A mention of a user or channel as Slack writes it, whose name may hold any character; or a word between spaces and commas. */
const WORD = /<[@#][^>]*>|[^\s,]+/g;

/** Our answers list scopes as "`a`, `b` and `c`", which people paste. */
const CONJUNCTION = 'and';

/**
 * Parses the text of the slash command. Case, white space and quotes do not matter; words may be separated by commas or spaces,
 * and follow the command's own name, as in our answers.
 */
export function toCommand(text: string): ParsedCommand {
  const all = (toPlainText(text).match(WORD) ?? []).map(unescapeText);
  const [command, ...rest] = all[0]?.toLowerCase() === ids.command ? all.slice(1) : all;
  const words = rest.filter((word) => word.toLowerCase() !== CONJUNCTION);
  const first = command?.toLowerCase();
  switch (first) {
    case undefined:
      return { command: 'overview' };
    case 'request':
      return { command: 'request', scopes: words.map((word) => word.toLowerCase()) };
    case 'log':
      return { command: 'log', words };
    case 'form':
    case 'status':
    case 'sync':
    case 'revoke':
    case 'help':
      return { command: first };
    default:
      return { command: 'unknown', word: first.slice(0, MAX_WORD_LENGTH) };
  }
}

/** Slack escapes three characters in what people type: https://docs.slack.dev/messaging/formatting-message-text#escaping */
function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
