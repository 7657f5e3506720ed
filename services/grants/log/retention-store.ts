import { sql } from 'kysely';
import { jsonRows } from '../../database/json-rows';
import type { Queryable, TableRow } from '../../database/schema';
import { listChain } from './chain-store';

/**
 * A page by primary key: there is no index on the times. The functions below return the key of the last row that they
 * read; undefined where that was the last page.
 */
interface Page<Key = string> {
  /** ISO 8601, UTC. */
  before: string;
  after: Key;
  limit: number;
}

/** Deletes the ids of events that were received before that time. */
export async function deleteOldEvents(
  db: Queryable,
  { before, after, limit }: Page,
): Promise<string | undefined> {
  const rows = await db
    .selectFrom('received_events')
    .select(['event_id', 'received_at'])
    .where('event_id', '>', after)
    .orderBy('event_id')
    .limit(limit)
    .execute();
  const old = rows.filter(({ received_at }) => received_at < before).map(({ event_id }) => ({ event_id }));
  await sql`delete from received_events where event_id in (
    select event_id from ${jsonRows(db, { event_id: 'text' }, old)} as r)`.execute(db);
  return rows.length < limit ? undefined : rows.at(-1)?.event_id;
}

/** Deletes requests that were made before that time, await no answer, and have no log entry left. */
export async function deleteOldRequests(
  db: Queryable,
  { before, after, limit }: Page,
): Promise<string | undefined> {
  const rows = await db
    .selectFrom('permission_requests')
    .select(['id', 'created_at', 'expires_at'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  const old = rows
    .filter(({ created_at, expires_at }) => created_at < before && expires_at === null)
    .map(({ id }) => ({ id }));
  if (old.length > 0) {
    const unreferenced = sql`(select id from ${jsonRows(db, { id: 'text' }, old)} as r
      where not exists (select 1 from grant_log where grant_log.request_id = r.id))`;
    await sql`delete from request_triggers where request_id in ${unreferenced}`.execute(db);
    await sql`delete from turns where request_id in ${unreferenced}`.execute(db);
    // The conditions are checked again: on PostgreSQL a user may have continued the request meanwhile.
    await sql`delete from permission_requests
      where id in ${unreferenced} and expires_at is null and created_at < ${before}`.execute(db);
  }
  return rows.length < limit ? undefined : rows.at(-1)?.id;
}

export type GrantKey = [userId: string, scope: string];

/** Deletes a team's scopes that are not held and were last reported before that time. */
export async function deleteOldGrants(
  db: Queryable,
  { teamId, before, after, limit }: Page<GrantKey> & { teamId: string },
): Promise<GrantKey | undefined> {
  const beforeSeconds = Date.parse(before) / 1_000;
  const rows = await db
    .selectFrom('grants')
    .select(['user_id', 'scope', 'held', 'mark'])
    .where('team_id', '=', teamId)
    .where(({ eb, refTuple, tuple }) => eb(refTuple('user_id', 'scope'), '>', tuple(...after)))
    .orderBy('user_id')
    .orderBy('scope')
    .limit(limit)
    .execute();
  const old = rows
    .filter(({ held, mark }) => held === 0 && mark < beforeSeconds)
    .map(({ user_id, scope }) => ({ user_id, scope }));
  await sql`delete from grants where team_id = ${teamId} and held = 0 and mark < ${beforeSeconds}
    and (user_id, scope) in (
      select user_id, scope from ${jsonRows(db, { user_id: 'text', scope: 'text' }, old)} as r)`.execute(db);
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? undefined : [last.user_id, last.scope];
}

/** Deletes the App Homes that were not opened since; opening one creates it again. */
export async function deleteOldHomes(db: Queryable, before: string): Promise<void> {
  await db.deleteFrom('homes').where('opened_at', '<', before).execute();
}

/** The last of a team's entries before a time, within the first `limit`. */
export async function findLastExpired(
  db: Queryable,
  { teamId, before, limit }: { teamId: string; before: string; limit: number },
): Promise<TableRow<'grant_log'> | undefined> {
  const oldest = await listChain(db, { teamId, after: 0, limit });
  // Only up to the first entry that must stay: times need not grow with the log.
  const firstKept = oldest.findIndex(({ at }) => at >= before);
  return oldest[(firstKept === -1 ? oldest.length : firstKept) - 1];
}

/** Deletes the entries of a team up to a `seq`, and their search rows. */
export async function deleteOldEntries(
  db: Queryable,
  { teamId, upTo }: { teamId: string; upTo: number },
): Promise<number> {
  const old = sql`select seq from grant_log where team_id = ${teamId} and seq <= ${upTo}`;
  await sql`delete from log_scopes where seq in (${old})`.execute(db);
  await sql`delete from log_words where seq in (${old})`.execute(db);
  const { numAffectedRows } = await sql`
    delete from grant_log where team_id = ${teamId} and seq <= ${upTo}`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
