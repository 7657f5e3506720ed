/** What somebody typed after `/permissions`. */
export type Words =
  | { command: 'overview' | 'form' | 'status' | 'log' | 'sync' | 'revoke' | 'help' }
  | { command: 'request'; scopes: string[] }
  | { command: 'unknown'; word: string };

/** Of what is said back to somebody. */
const LONGEST_WORD = 50;

/** Reads the text of the slash command. Case and white space do not matter; scopes may have commas or spaces between. */
export function toWords(text: string): Words {
  const [first, ...rest] = text
    .trim()
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  switch (first) {
    case undefined:
      return { command: 'overview' };
    case 'request':
      return { command: 'request', scopes: rest };
    case 'form':
    case 'status':
    case 'log':
    case 'sync':
    case 'revoke':
    case 'help':
      return { command: first };
    default:
      return { command: 'unknown', word: first.slice(0, LONGEST_WORD) };
  }
}
