/** Quotes that Slack, browsers and word processors add around a word; no scope or command contains them. */
const QUOTES = '`´ˋ\'"‘’‚‛“”„‟«»‹›「」＂＇｀';
const INVISIBLE = /\p{Cf}/gu;
const AROUND_WORDS = new RegExp(`(?<![\\p{L}\\p{N}])[${QUOTES}]+|[${QUOTES}]+(?![\\p{L}\\p{N}])`, 'gu');

/**
 * Normalizes pasted text: removes quotes around words and invisible characters, and replaces full-width characters by
 * the usual ones. An apostrophe within a word stays.
 */
export function toPlainText(text: string): string {
  // Quotes first: NFKC decomposes some of them.
  return text.replace(INVISIBLE, '').replace(AROUND_WORDS, ' ').normalize('NFKC').replaceAll('、', ',');
}
