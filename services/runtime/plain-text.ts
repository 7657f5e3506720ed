/** Marks that Slack, browsers and word processors put around a word, and that no name of ours has in it. */
const QUOTES = '`´ˋ\'"‘’‚‛“”„‟«»‹›「」＂＇｀';
const INVISIBLE = /\p{Cf}/gu;
const AROUND_WORDS = new RegExp(`(?<![\\p{L}\\p{N}])[${QUOTES}]+|[${QUOTES}]+(?![\\p{L}\\p{N}])`, 'gu');

/**
 * What a text that was pasted plainly means: without backticks and quotes around words, without what cannot be seen (zero
 * width, direction), and with full-width signs as their usual ones. An apostrophe within a word stays.
 */
export function toPlainText(text: string): string {
  // First the quotes: NFKC takes some of them apart.
  return text.replace(INVISIBLE, '').replace(AROUND_WORDS, ' ').normalize('NFKC').replaceAll('、', ',');
}
