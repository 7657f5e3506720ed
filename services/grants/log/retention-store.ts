import { sql } from 'kysely';
import { jsonRows } from '../../database/json-rows';
import type { Queryable } from '../../database/schema';

interface Page {
  /** ISO 8601, UTC: what is older goes. */
  before: string;
  after: string;
  limit: number;
}

/**
 * Deletes what is known of events that came before that day. Reads a page in the order of the key, since there is no index
 * by time, and answers with where the next one begins.
 */
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
  if (old.length > 0) {
    await sql`delete from received_events where event_id in (
      select event_id from ${jsonRows(db, { event_id: 'text' }, old)} as r)`.execute(db);
  }
  return rows.length < limit ? undefined : rows.at(-1)?.event_id;
}

/** Deletes requests that were made before that day, await no answer, and of which no entry of the log speaks any more. */
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
    const unspoken = sql`(select id from ${jsonRows(db, { id: 'text' }, old)} as r
      where not exists (select 1 from grant_log where grant_log.request_id = r.id))`;
    await sql`delete from request_triggers where request_id in ${unspoken}`.execute(db);
    await sql`delete from turns where request_id in ${unspoken}`.execute(db);
    // Asked again: on PostgreSQL somebody may have continued it meanwhile.
    await sql`delete from permission_requests
      where id in ${unspoken} and expires_at is null and created_at < ${before}`.execute(db);
  }
  return rows.length < limit ? undefined : rows.at(-1)?.id;
}

/** A scope of a user. */
export interface GrantPlace {
  userId: string;
  scope: string;
}

/** Deletes what is known of a team's scopes that no longer stand, and were last heard of before that time (seconds, Slack's clock). */
export async function deleteOldGrants(
  db: Queryable,
  {
    teamId,
    beforeSeconds,
    after,
    limit,
  }: { teamId: string; beforeSeconds: number; after: GrantPlace; limit: number },
): Promise<GrantPlace | undefined> {
  const rows = await db
    .selectFrom('grants')
    .select(['user_id', 'scope', 'held', 'mark'])
    .where('team_id', '=', teamId)
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('user_id', 'scope'), '>', tuple(after.userId, after.scope)),
    )
    .orderBy('user_id')
    .orderBy('scope')
    .limit(limit)
    .execute();
  const old = rows
    .filter(({ held, mark }) => held === 0 && mark < beforeSeconds)
    .map(({ user_id, scope }) => ({ user_id, scope }));
  if (old.length > 0) {
    await sql`delete from grants where team_id = ${teamId} and held = 0 and mark < ${beforeSeconds}
      and (user_id, scope) in (
        select user_id, scope from ${jsonRows(db, { user_id: 'text', scope: 'text' }, old)} as r)`.execute(
      db,
    );
  }
  const last = rows.at(-1);
  return rows.length < limit || last === undefined ? undefined : { userId: last.user_id, scope: last.scope };
}

/** Forgets who has not opened the app's home since that day: it is read anew when they do. */
export async function deleteOldHomes(db: Queryable, before: string): Promise<void> {
  await db.deleteFrom('homes').where('opened_at', '<', before).execute();
}
