/** What somebody typed after `/permissions`. */
export type Words =
  | { command: 'overview' | 'form' | 'status' | 'sync' | 'revoke' | 'help' }
  | { command: 'request'; scopes: string[] }
  /** As they were typed. */
  | { command: 'log'; words: string[] }
  | { command: 'unknown'; word: string };

/** Of what is said back to somebody. */
const LONGEST_WORD = 50;

/** A person or a channel as Slack writes it, whose name may have anything in it; or what stands between spaces and commas. */
const WORD = /<[@#][^>]*>|[^\s,]+/g;

/** Reads the text of the slash command. Case and white space do not matter; words may have commas or spaces between. */
export function toWords(text: string): Words {
  const [command, ...words] = (text.match(WORD) ?? []).map(unescapeText);
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
      return { command: 'unknown', word: first.slice(0, LONGEST_WORD) };
  }
}

/** Slack escapes three characters in what people type: https://docs.slack.dev/messaging/formatting-message-text#escaping */
function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
