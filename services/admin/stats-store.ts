import { sql } from 'kysely';
import type { Queryable } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import { selectLastSeqBefore } from '../grants/log/store';

/** A log entry of a request, and when that request was first shown to the user. */
export interface RequestEntry {
  seq: number;
  at: string;
  event: string;
  scopes: string[];
  error: string | null;
  firstShownSeq: number | null;
  firstShownAt: string | null;
}

/** The `seq` before the first entry of this time or later. */
export async function findLastSeqBefore(db: Queryable, time: string): Promise<number> {
  const { rows } = await sql<{ seq: number }>`select ${selectLastSeqBefore(db, time)} as seq`.execute(db);
  return rows[0]?.seq ?? 0;
}

type StoredEntry = Omit<RequestEntry, 'scopes'> & { scopes: string; requestId: string | null };

/**
 * The next entries of these teams that belong to a request, oldest first; `last` is the last entry that was read, undefined
 * where there are no more.
 */
export async function listRequestEntries(
  db: Queryable,
  { teamIds, after, limit }: { teamIds: readonly string[]; after: number; limit: number },
): Promise<{ entries: RequestEntry[]; last: { seq: number; at: string } | undefined }> {
  // A request has few entries: they are found by its id, and filtered by event afterwards.
  const { rows } = await sql<StoredEntry>`
    select page.*, shown.at as "firstShownAt" from (
      select seq, at, event, scopes, error, request_id as "requestId", (
        select min(case when other.event = 'requested' then other.seq end) from grant_log as other
        where other.request_id = log.request_id
      ) as "firstShownSeq"
      from grant_log as log where team_id in (${sql.join(teamIds)}) and seq > ${after} order by seq limit ${limit}
    ) as page left join grant_log as shown on shown.seq = page."firstShownSeq" order by page.seq`.execute(db);
  return {
    entries: rows
      .filter(({ requestId }) => requestId !== null)
      .map((row) => ({ ...row, scopes: toScopeList(row.scopes) })),
    last: rows.length === limit ? rows.at(-1) : undefined,
  };
}
