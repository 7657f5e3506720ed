import { sql } from 'kysely';
import type { Queryable } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import { selectLastSeqBefore } from '../grants/log/store';

/** An entry of a request, and when that request was first shown to the user. */
export interface RequestEntry {
  seq: number;
  at: string;
  event: string;
  scopes: string[];
  error: string | null;
  firstShownSeq: number | undefined;
  firstShownAt: string | undefined;
}

/** The clocks of instances may differ by this much. */
const CLOCK_TOLERANCE_MS = 60_000;

/** The `seq` before the first entry of this time or later. */
export async function findLastSeqBefore(db: Queryable, time: string): Promise<number> {
  const { rows } = await sql<{ seq: number }>`select ${selectLastSeqBefore(db, time)} as seq`.execute(db);
  return rows[0]?.seq ?? 0;
}

export function isPastDay(at: string, until: string): boolean {
  return Date.parse(at) > Date.parse(until) + CLOCK_TOLERANCE_MS;
}

interface AskedRow {
  seq: number;
  at: string;
  event: string;
  scopes: string;
  error: string | null;
  request_id: string | null;
  shown_seq: number | null;
  shown_at: string | null;
}

/** The next entries of these teams that belong to a request, oldest first; `last` is the last entry read, if there may be more. */
export async function listRequestEntries(
  db: Queryable,
  { teamIds, after, limit }: { teamIds: readonly string[]; after: number; limit: number },
): Promise<{ entries: RequestEntry[]; last: { seq: number; at: string } | undefined }> {
  // A request has few entries: they are found by its id, and filtered by event afterwards.
  const { rows } = await sql<AskedRow>`
    select page.*, shown.at as shown_at from (
      select seq, at, event, scopes, error, request_id, (
        select min(case when other.event = 'requested' then other.seq end) from grant_log as other
        where other.request_id = log.request_id
      ) as shown_seq
      from grant_log as log where team_id in (${sql.join(teamIds)}) and seq > ${after} order by seq limit ${limit}
    ) as page left join grant_log as shown on shown.seq = page.shown_seq order by page.seq`.execute(db);
  const last = rows.at(-1);
  return {
    entries: rows
      .filter((row) => row.request_id !== null)
      .map((row) => ({
        seq: row.seq,
        at: row.at,
        event: row.event,
        scopes: toScopeList(row.scopes),
        error: row.error,
        firstShownSeq: row.shown_seq ?? undefined,
        firstShownAt: row.shown_at ?? undefined,
      })),
    last: rows.length === limit && last !== undefined ? { seq: last.seq, at: last.at } : undefined,
  };
}
