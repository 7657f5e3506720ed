import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import { jsonRows } from '../../database/json-rows';
import type { Queryable, TableRow } from '../../database/schema';
import { toScopeList } from '../../database/scope-list';
import { toIsoTime } from '../../runtime/clock';
import { triggerSources } from '../../slack/trigger';
import { CHAIN_START, toEntryHash, toSearchWords } from './chain';
import { type Head, loadHeads, saveHeads } from './chain-store';
import { COVERED_COLUMNS, type LogEntry, type LogFilter, logEvents, logSources, type Page } from './entry';
import {
  chooseWordSearch,
  listSeqsOfWords,
  matchesPrefixes,
  selectSeqsByPrefix,
  toSeqRows,
} from './word-search';

const knownEvent = z.enum(logEvents);
const knownSource = z.enum(logSources);
const knownTriggerSource = z.enum(triggerSources);

function toLogEntry(row: TableRow<'grant_log'>): LogEntry {
  return {
    seq: row.seq,
    at: row.at,
    teamId: row.team_id,
    userId: row.user_id,
    event: knownEvent.parse(row.event),
    scopes: toScopeList(row.scopes),
    source: knownSource.parse(row.source),
    requestId: row.request_id,
    triggerSource: row.trigger_source === null ? null : knownTriggerSource.parse(row.trigger_source),
    eventId: row.event_id,
    error: row.error,
    reason: row.reason,
    hash: row.hash ?? '',
  };
}

/** An entry that is not in the log yet. */
export type NewLogEntry = Omit<LogEntry, 'seq' | 'hash'>;

/** Every column except `seq`, which the database assigns. */
const INSERTED: Readonly<Record<string, 'text' | 'bigint'>> = {
  ...Object.fromEntries(Object.keys(COVERED_COLUMNS).map((column) => [column, 'text'] as const)),
  team_seq: 'bigint',
  hash: 'text',
};

/** Appends entries in order. The transaction must hold the lock of their teams: each entry is chained to the one before. */
export async function insertLogEntries(db: Queryable, entries: readonly NewLogEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const before = await loadHeads(db, [...new Set(entries.map(({ teamId }) => teamId))]);
  const heads = new Map<string, Head>(before);
  const rows = entries.map((entry) => {
    const { teamSeq, hash: previous } = heads.get(entry.teamId) ?? CHAIN_START;
    const content = toContent(entry);
    const head = { teamSeq: teamSeq + 1, hash: toEntryHash(previous, teamSeq + 1, content) };
    heads.set(entry.teamId, head);
    return { ...content, team_seq: head.teamSeq, hash: head.hash };
  });
  const names = sql.join(Object.keys(INSERTED).map((name) => sql.ref(name)));
  const inserted = await sql<InsertedRow>`
    insert into grant_log (${names}) select ${names} from ${jsonRows(db, INSERTED, rows)} as r
    returning seq, team_id, scopes, error, reason`.execute(db);
  await saveHeads(db, before, toNewest(heads, inserted.rows));
  const scopes = inserted.rows.flatMap(({ seq, scopes }) =>
    [...new Set(toScopeList(scopes))].map((scope) => ({ scope, seq })),
  );
  await sql`insert into log_scopes (scope, seq)
    select scope, seq from ${jsonRows(db, { scope: 'text', seq: 'bigint' }, scopes)} as r`.execute(db);
  const words = inserted.rows.flatMap(({ seq, reason, error }) =>
    toSearchWords(reason, error).map((word) => ({ word, seq })),
  );
  if (words.length === 0) return;
  await sql`insert into log_words (word, seq)
    select word, seq from ${jsonRows(db, { word: 'text', seq: 'bigint' }, words)} as r`.execute(db);
}

type InsertedRow = Pick<TableRow<'grant_log'>, 'seq' | 'team_id' | 'scopes' | 'error' | 'reason'>;

const COVERED = Object.entries(COVERED_COLUMNS);

function toContent(entry: NewLogEntry): Record<string, string | null> {
  const values = COVERED.map(([column, property]) => {
    return [column, property === 'scopes' ? JSON.stringify(entry.scopes) : entry[property]] as const;
  });
  return Object.fromEntries(values);
}

function toNewest(heads: ReadonlyMap<string, Head>, inserted: readonly InsertedRow[]) {
  const newest = new Map<string, number>();
  for (const { team_id, seq } of inserted) newest.set(team_id, Math.max(seq, newest.get(team_id) ?? 0));
  return [...newest].map(([teamId, seq]) => {
    return { teamId, seq, ...(heads.get(teamId) ?? CHAIN_START) };
  });
}

export interface LogQuery {
  filter: LogFilter;
  order: 'asc' | 'desc';
  cursor?: string | undefined;
  limit: number;
}

/** Reads one page of the log. The cursor is the `seq` of the last entry that was read: a page costs the same at any depth. */
export async function listLogEntries(db: Queryable, logQuery: LogQuery): Promise<Page<LogEntry>> {
  const words = toSearchWords(logQuery.filter.text ?? null);
  const items =
    words.length === 0
      ? (await toLogQuery(db, logQuery).execute()).map(toLogEntry)
      : await searchEntries(db, logQuery, words);
  const last = items.at(-1);
  return {
    items,
    nextCursor: items.length === logQuery.limit && last !== undefined ? String(last.seq) : undefined,
  };
}

/** The first scan of a word search; later ones grow, since the rest of the filter may reject most entries. */
const FIRST_SCAN_SIZE = 100;
const MAX_SCAN_SIZE = 1_000;

async function searchEntries(
  db: Queryable,
  logQuery: LogQuery,
  words: readonly string[],
): Promise<LogEntry[]> {
  const { limit } = logQuery;
  const search = await chooseWordSearch(db, words);
  const items: LogEntry[] = [];
  let { cursor } = logQuery;
  for (let scanSize = FIRST_SCAN_SIZE; ; scanSize = Math.min(MAX_SCAN_SIZE, scanSize * 2)) {
    const here = { ...logQuery, cursor, limit: scanSize };
    const seqs = search.by === 'walk' ? await listSeqsOfWords(db, search.words, here) : undefined;
    let query = toLogQuery(db, here);
    if (search.by === 'all')
      query = query.where('grant_log.seq', 'in', selectSeqsByPrefix(db, search.prefix));
    if (seqs !== undefined) query = query.where('grant_log.seq', 'in', toSeqRows(db, seqs));
    const rows = await query.execute();
    items.push(...rows.map(toLogEntry).filter((entry) => matchesPrefixes(entry, words)));
    const seen = seqs ?? rows.map(({ seq }) => seq);
    if (items.length >= limit || seen.length < scanSize) return items.slice(0, limit);
    cursor = String(seen.at(-1));
    // A long search must not delay Slack's requests.
    await turn();
  }
}

function toLogQuery(db: Queryable, { filter, order, cursor, limit }: LogQuery) {
  const { teamId, teamIds, userId, event, scope, since, until, requestId, source, triggerSource } = filter;
  let query = db.selectFrom('grant_log').selectAll('grant_log').limit(limit);
  // With a scope, the index of its entries is read instead of the log.
  const seq = sql.ref<number>(scope === undefined ? 'grant_log.seq' : 'log_scopes.seq');
  if (scope !== undefined) {
    query = query
      .innerJoin('log_scopes', 'log_scopes.seq', 'grant_log.seq')
      .where('log_scopes.scope', '=', scope);
  }
  query = query.orderBy(seq, order);
  if (cursor !== undefined) query = query.where(seq, order === 'asc' ? '>' : '<', Number(cursor));
  if (teamId !== undefined) query = query.where('team_id', '=', teamId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (teamIds !== undefined) query = query.where('team_id', 'in', teamIds.length === 0 ? [''] : teamIds);
  if (event !== undefined) query = query.where('event', '=', event);
  if (requestId !== undefined) query = query.where('request_id', '=', requestId);
  if (filter.isOfRequest) query = query.where('request_id', 'is not', null);
  if (source !== undefined) query = query.where('source', '=', source);
  if (triggerSource !== undefined) query = query.where('trigger_source', '=', triggerSource);
  if (since !== undefined)
    query = query.where('at', '>=', since).where(seq, '>', selectLastSeqBefore(db, since));
  if (until !== undefined)
    query = query.where('at', '<', until).where(seq, '<', selectFirstSeqAfter(db, until));
  return query;
}

/** How far the clocks of instances may differ: within it, times need not grow with `seq`. */
const CLOCK_TOLERANCE_MS = 60_000;

/** The `seq` to read after: one index lookup, where the least `seq` since then would read every entry since. */
export function selectLastSeqBefore(db: Queryable, since: string) {
  const time = toIsoTime(Date.parse(since) - CLOCK_TOLERANCE_MS);
  const older = db.selectFrom('grant_log').select('seq').where('at', '<', time);
  const last = older.orderBy('at', 'desc').orderBy('seq', 'desc').limit(1);
  return sql<number>`coalesce(${last}, 0)`;
}

/** The `seq` to read up to. */
function selectFirstSeqAfter(db: Queryable, until: string) {
  const time = toIsoTime(Date.parse(until) + CLOCK_TOLERANCE_MS);
  const newer = db.selectFrom('grant_log').select('seq').where('at', '>=', time);
  const first = newer.orderBy('at').orderBy('seq').limit(1);
  return sql<number>`coalesce(${first}, ${Number.MAX_SAFE_INTEGER})`;
}
