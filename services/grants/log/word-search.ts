import { sql } from 'kysely';
import { jsonRows } from '../../database/json-rows';
import type { Queryable } from '../../database/schema';
import { toSearchWords } from './chain';
import type { LogEntry } from './entry';

/** At most this many entries are looked up by a word at once. */
const MAX_RARE_ENTRIES = 1_000;
/** At most this many words are merged. A prefix of more words is so frequent that reading the log finds it soon. */
const MAX_MERGED_WORDS = 20;

/**
 * Where to look for entries with some words; `matchesPrefixes` then decides for each entry.
 *
 * - `all`: one prefix is so rare that its entries are looked up together
 * - `walk`: the entries with any of these words are merged in the order of the log, page by page
 * - `read`: the log is read entry by entry
 */
export type WordSearch = { by: 'all'; prefix: string } | { by: 'walk'; words: string[] } | { by: 'read' };

export async function chooseWordSearch(db: Queryable, prefixes: readonly string[]): Promise<WordSearch> {
  for (const prefix of prefixes) if (await isRare(db, prefix)) return { by: 'all', prefix };
  for (const prefix of prefixes) {
    const words = await listWords(db, prefix);
    if (words.length <= MAX_MERGED_WORDS) return { by: 'walk', words };
  }
  return { by: 'read' };
}

/** The entries with a word that begins with `prefix`. */
export function selectSeqsByPrefix(db: Queryable, prefix: string) {
  return db
    .selectFrom('log_words')
    .select('log_words.seq')
    .where('word', '>=', prefix)
    .where('word', '<', toPrefixEnd(prefix));
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
export function toSeqRows(db: Queryable, seqs: readonly number[]) {
  const rows = seqs.map((seq) => ({ seq }));
  return sql<number>`(select seq from ${jsonRows(db, { seq: 'bigint' }, rows)} as given)`;
}

/** Whether each of these begins a word of the entry's reason or error. */
export function matchesPrefixes({ reason, error }: LogEntry, prefixes: readonly string[]): boolean {
  const words = toSearchWords(reason, error);
  return prefixes.every((prefix) => words.some((word) => word.startsWith(prefix)));
}

async function isRare(db: Queryable, prefix: string): Promise<boolean> {
  const { found } = await db
    .selectFrom(
      selectSeqsByPrefix(db, prefix)
        .limit(MAX_RARE_ENTRIES + 1)
        .as('some'),
    )
    .select((count) => count.fn.countAll<number>().as('found'))
    .executeTakeFirstOrThrow();
  return found <= MAX_RARE_ENTRIES;
}

/** The words that begin with `prefix`, at most one more than are merged. Each takes one index lookup. */
async function listWords(db: Queryable, prefix: string): Promise<string[]> {
  const words: string[] = [];
  while (words.length <= MAX_MERGED_WORDS) {
    const last = words.at(-1);
    const next = await db
      .selectFrom('log_words')
      .select('word')
      .where('word', last === undefined ? '>=' : '>', last ?? prefix)
      .where('word', '<', toPrefixEnd(prefix))
      .orderBy('word')
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) break;
    words.push(next.word);
  }
  return words;
}

function toPrefixEnd(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}
