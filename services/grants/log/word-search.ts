import { sql } from 'kysely';
import { jsonRows } from '../../database/json-rows';
import type { Queryable } from '../../database/schema';
import { toWords } from './chain';
import type { LogEntry } from './entry';

/** At most this many entries are looked up by a word at once. */
const RARE = 1_000;
/** At most this many words are merged. A prefix of more words is so frequent that reading the log finds it soon. */
const WORDS_WALKED = 20;

/**
 * Where to look for entries with some words; `hasWords` then decides for each entry.
 *
 * - `all`: one prefix is so rare that its entries are looked up together
 * - `walk`: the entries with any of these words are merged in the order of the log, page by page
 * - `read`: the log is read entry by entry
 */
export type WordSearch = { by: 'all'; start: string } | { by: 'walk'; words: string[] } | { by: 'read' };

export async function chooseWordSearch(db: Queryable, starts: readonly string[]): Promise<WordSearch> {
  for (const start of starts) if (await isRare(db, start)) return { by: 'all', start };
  for (const start of starts) {
    const words = await listWords(db, start);
    if (words.length <= WORDS_WALKED) return { by: 'walk', words };
  }
  return { by: 'read' };
}

/** The entries with a word that begins with `start`. */
export function seqsOfWord(db: Queryable, start: string) {
  return db
    .selectFrom('log_words')
    .select('log_words.seq')
    .where('word', '>=', start)
    .where('word', '<', toEnd(start));
}

/** The next entries with one of these words, in the order of the log. */
export async function listSeqsOfWords(
  db: Queryable,
  words: readonly string[],
  { order, cursor, limit }: { order: 'asc' | 'desc'; cursor: string | undefined; limit: number },
): Promise<number[]> {
  const found = new Set<number>();
  for (const word of words) {
    let query = db.selectFrom('log_words').select('seq').where('word', '=', word);
    if (cursor !== undefined) query = query.where('seq', order === 'asc' ? '>' : '<', Number(cursor));
    for (const { seq } of await query.orderBy('seq', order).limit(limit).execute()) found.add(seq);
  }
  const direction = order === 'asc' ? 1 : -1;
  return [...found].sort((a, b) => direction * (a - b)).slice(0, limit);
}

/** A subquery of the given numbers, as one parameter. */
export function givenSeqs(db: Queryable, seqs: readonly number[]) {
  const rows = seqs.map((seq) => ({ seq }));
  return sql<number>`(select seq from ${jsonRows(db, { seq: 'bigint' }, rows)} as given)`;
}

/** Whether each of these begins a word of the entry's reason or error. */
export function hasWords({ reason, error }: LogEntry, starts: readonly string[]): boolean {
  const words = toWords(reason, error);
  return starts.every((start) => words.some((word) => word.startsWith(start)));
}

async function isRare(db: Queryable, start: string): Promise<boolean> {
  const { found } = await db
    .selectFrom(
      seqsOfWord(db, start)
        .limit(RARE + 1)
        .as('some'),
    )
    .select((count) => count.fn.countAll<number>().as('found'))
    .executeTakeFirstOrThrow();
  return found <= RARE;
}

/** The words that begin with `start`, at most one more than are merged. Each takes one index lookup. */
async function listWords(db: Queryable, start: string): Promise<string[]> {
  const words: string[] = [];
  while (words.length <= WORDS_WALKED) {
    const last = words.at(-1);
    const next = await db
      .selectFrom('log_words')
      .select('word')
      .where('word', last === undefined ? '>=' : '>', last ?? start)
      .where('word', '<', toEnd(start))
      .orderBy('word')
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) break;
    words.push(next.word);
  }
  return words;
}

function toEnd(start: string): string {
  return `${start}\u{10ffff}`;
}
