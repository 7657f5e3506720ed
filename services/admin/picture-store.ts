import { sql } from 'kysely';
import type { Queryable } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import { toIsoTime } from '../runtime/clock';

/** An entry of a request, with when that was first shown to the user. */
export interface AskedEntry {
  seq: number;
  at: string;
  event: string;
  scopes: string[];
  error: string | null;
  firstShownSeq: number | undefined;
  firstShownAt: string | undefined;
}

/** The clocks of instances are held to be this close. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Before which entry there is nothing of this time or later. */
export async function findSeqBefore(db: Queryable, time: string): Promise<number> {
  const row = await db
    .selectFrom('grant_log')
    .select('seq')
    .where('at', '<', toIsoTime(Date.parse(time) - CLOCK_TOLERANCE_MS))
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.seq ?? 0;
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

/** The next entries of these teams, oldest first; those of no request have none of it. */
export async function listAskedEntries(
  db: Queryable,
  { teamIds, after, limit }: { teamIds: readonly string[]; after: number; limit: number },
): Promise<{ entries: AskedEntry[]; last: { seq: number; at: string } | undefined }> {
  // A request has few entries: they are found by its id, and the event is then looked at.
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
