import { type Expression, sql } from 'kysely';
import { z } from 'zod';
import type { Database } from '../../database/database';
import { jsonRows } from '../../database/json-rows';
import { setLease, takeDue } from '../../database/lease';
import type { Queryable } from '../../database/schema';
import { type LogEvent, logEvents } from '../../grants/log/entry';
import { toIsoTime } from '../../runtime/clock';
import { MAX_RETRY_AFTER_MS } from '../../slack/rate-limit';
import type { Member } from '../../slack/workspace';

/** Longer than the calls to Slack for one home can take: until then no other instance publishes it. */
const LEASE_MS = 60_000;

/** A home to publish, which this instance has until `leaseUntil` (ms). */
export interface DueHome extends Member {
  /** Whether it was last published as an admin's; undefined: ask Slack. */
  wasAdmin: boolean | undefined;
  /** Failures since it was last published. */
  attempts: number;
  leaseUntil: number;
}

/** A user opened it: due at once. Slack is asked again whether the user is an admin. */
export async function recordOpened(
  db: Queryable,
  { teamId, enterpriseId, userId }: Member,
  nowMs: number,
): Promise<void> {
  // In an organisation a user has one home: that of the workspace in which they opened it last.
  if (enterpriseId !== undefined) {
    await db
      .deleteFrom('homes')
      .where('user_id', '=', userId)
      .where('enterprise_id', '=', enterpriseId)
      .where('team_id', '!=', teamId)
      .execute();
  }
  const due = { due_at_ms: nowMs, opened_at: toIsoTime(nowMs), attempts: 0 };
  const opened = { ...due, enterprise_id: enterpriseId ?? null, is_admin: null };
  await db
    .insertInto('homes')
    .values({ team_id: teamId, user_id: userId, ...opened })
    .onConflict((conflict) => conflict.columns(['team_id', 'user_id']).doUpdateSet(opened))
    .execute();
}

/** The `seq` of the newest entry of each team that has a home. */
export async function listHeadsWithHomes(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('chains')
    .select(['chains.team_id', 'chains.seq'])
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('homes').select('homes.user_id').whereRef('homes.team_id', '=', 'chains.team_id')),
    )
    .execute();
  return new Map(rows.map((row) => [row.team_id, row.seq]));
}

/**
 * The homes that lack entries up to `head`; with `since`, only newer entries are read. `isOwn`: one is about the owner, not
 * only about others whom an admin sees.
 */
export async function listStale(
  db: Queryable,
  { teamId, since, head }: { teamId: string; since: number | undefined; head: number },
): Promise<{ userId: string; isOwn: boolean; publishedAt: number }[]> {
  const isOwn = sql<number>`case when exists (
    select 1 from grant_log where grant_log.user_id = homes.user_id and grant_log.team_id = homes.team_id
      and grant_log.seq > homes.published_seq) then 1 else 0 end`;
  const isTouched =
    since === undefined
      ? sql`${isOwn} = 1`
      : sql`user_id in (select user_id from grant_log where team_id = ${teamId} and seq > ${since})`;
  const { rows } = await sql<{
    user_id: string;
    is_admin: number | null;
    is_own: number;
    published_at_ms: number;
  }>`
    select user_id, is_admin, ${isOwn} as is_own, published_at_ms from homes
    where team_id = ${teamId} and published_seq < ${head} and (is_admin = 1 or ${isTouched})`.execute(db);
  return rows
    .filter((row) => row.is_own === 1 || row.is_admin === 1)
    .map((row) => ({ userId: row.user_id, isOwn: row.is_own === 1, publishedAt: row.published_at_ms }));
}

/** Marks homes as stale and due. One that is being published now is due again afterwards. */
export async function markStale(
  db: Queryable,
  teamId: string,
  head: number,
  staleHomes: readonly { userId: string; dueAt: number }[],
): Promise<void> {
  const rows = staleHomes.map(({ userId, dueAt }) => ({ user_id: userId, due: dueAt }));
  await sql`update homes set stale_seq = ${head},
      due_at_ms = case when due_at_ms is not null and due_at_ms <= r.due then due_at_ms else r.due end
    from ${jsonRows(db, { user_id: 'text', due: 'bigint' }, rows)} as r
    where homes.team_id = ${teamId} and homes.user_id = r.user_id and homes.stale_seq < ${head}`.execute(db);
}

/** Leases the homes that are due, the longest waiting first, but not those of the teams in `notOf`. */
export async function takeDueHomes(
  database: Database,
  { now, limit, notOf }: { now: number; limit: number; notOf: readonly string[] },
): Promise<DueHome[]> {
  const where = notOf.length === 0 ? sql`true` : sql`team_id not in (${sql.join(notOf)})`;
  const due = { ...leased(where), key: ['team_id', 'user_id'], orderBy: 'due_at_ms', limit } as const;
  const lease = { now, leaseMs: LEASE_MS, longestMs: MAX_RETRY_AFTER_MS };
  const rows = await takeDue(database, due, lease);
  return rows.map(({ attempts, ...row }) => ({
    teamId: row.team_id,
    enterpriseId: row.enterprise_id ?? undefined,
    userId: row.user_id,
    wasAdmin: row.is_admin === null ? undefined : row.is_admin === 1,
    attempts,
    leaseUntil: row.free_at_ms,
  }));
}

function leased(where: Expression<unknown>) {
  return { table: 'homes', until: ['due_at_ms', 'free_at_ms'], where } as const;
}

/** Slack took it. It stays due where it was marked as stale meanwhile. */
export async function savePublished(
  db: Queryable,
  { teamId, userId, leaseUntil }: DueHome,
  { seq, isAdmin, now }: { seq: number; isAdmin: boolean | undefined; now: number },
): Promise<void> {
  await db
    .updateTable('homes')
    .set({
      published_seq: seq,
      published_at_ms: now,
      is_admin: isAdmin === undefined ? null : Number(isAdmin),
      due_at_ms: sql<number | null>`case when stale_seq > ${seq} then due_at_ms end`,
      free_at_ms: 0,
      attempts: 0,
    })
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .where('free_at_ms', '=', leaseUntil)
    .execute();
}

/** Slack did not take it: due again at `dueAt`. */
export async function postponeHome(
  db: Queryable,
  { teamId, userId, leaseUntil, attempts }: DueHome,
  dueAt: number,
): Promise<void> {
  const isOurs = sql`team_id = ${teamId} and user_id = ${userId} and free_at_ms = ${leaseUntil}`;
  await setLease(db, leased(isOurs), dueAt, { attempts: attempts + 1 });
}

/** It is not published until it is opened again. */
export async function deleteHome(db: Queryable, { teamId, userId }: Member): Promise<void> {
  await db.deleteFrom('homes').where('team_id', '=', teamId).where('user_id', '=', userId).execute();
}

const knownEvent = z.enum(logEvents);

/** How many entries of each kind a team has since then (ISO 8601). */
export async function countSince(
  db: Queryable,
  teamId: string,
  since: string,
): Promise<ReadonlyMap<LogEvent, number>> {
  // Where to begin, by the index on time: what is older of the team is not read.
  const before = db
    .selectFrom('grant_log')
    .select('seq')
    .where('at', '<', since)
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .limit(1);
  const rows = await db
    .selectFrom('grant_log')
    .select(['event', (expression) => expression.fn.countAll<number>().as('entries')])
    .where('team_id', '=', teamId)
    .where('seq', '>', sql<number>`coalesce(${before}, 0)`)
    .where('at', '>=', since)
    .groupBy('event')
    .execute();
  return new Map(rows.map((row) => [knownEvent.parse(row.event), Number(row.entries)]));
}
