import { sql } from 'kysely';
import { z } from 'zod';
import { jsonRows } from '../database/json-rows';
import { setLease } from '../database/lease';
import type { Queryable, TableRow } from '../database/schema';

/** How far the sync of a team is; `sweeps` in the schema documents the columns. */
export type Sweep = ReturnType<typeof toSweep>;

const skippedUsers = z.array(z.object({ userId: z.string(), error: z.string() }));

function toSweep(row: TableRow<'sweeps'>) {
  return {
    teamId: row.team_id,
    sweepId: row.sweep_id,
    state: row.state,
    cursor: row.cursor ?? undefined,
    slackStartedAt: row.slack_started_at ?? undefined,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    pages: row.pages,
    users: row.users,
    changes: row.changes,
    lastUsers: row.last_users ?? undefined,
    skipped: row.skipped,
    skippedUsers: row.skipped_users === null ? [] : skippedUsers.parse(JSON.parse(row.skipped_users)),
    error: row.error ?? undefined,
    owner: row.owner ?? undefined,
    leaseUntilMs: row.lease_until_ms,
  };
}

export async function findSweep(db: Queryable, teamId: string): Promise<Sweep | undefined> {
  const row = await db.selectFrom('sweeps').selectAll().where('team_id', '=', teamId).executeTakeFirst();
  return row && toSweep(row);
}

export async function saveSweep(db: Queryable, sweep: Sweep): Promise<void> {
  const row = {
    team_id: sweep.teamId,
    sweep_id: sweep.sweepId,
    state: sweep.state,
    cursor: sweep.cursor ?? null,
    slack_started_at: sweep.slackStartedAt ?? null,
    started_at: sweep.startedAt,
    finished_at: sweep.finishedAt ?? null,
    pages: sweep.pages,
    users: sweep.users,
    changes: sweep.changes,
    last_users: sweep.lastUsers ?? null,
    skipped: sweep.skipped,
    skipped_users: JSON.stringify(sweep.skippedUsers),
    error: sweep.error ?? null,
    owner: sweep.owner ?? null,
    lease_until_ms: sweep.leaseUntilMs,
  };
  await db
    .insertInto('sweeps')
    .values(row)
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet(row))
    .execute();
}

/** Renews the lease of a sweep; false where another instance has taken it over. */
export function extendLease(
  db: Queryable,
  { teamId, owner, untilMs }: { teamId: string; owner: string; untilMs: number },
): Promise<boolean> {
  const where = sql`team_id = ${teamId} and owner = ${owner}`;
  return setLease(db, { table: 'sweeps', until: ['lease_until_ms'], where }, untilMs);
}

/** A table of this connection, for the users that a dry run has seen: memory does not grow with the list. */
export async function createSeenUsers(db: Queryable): Promise<void> {
  await sql`create temporary table if not exists seen_users (user_id text primary key)`.execute(db);
  await sql`delete from seen_users`.execute(db);
}

export async function addSeenUsers(db: Queryable, users: readonly { userId: string }[]): Promise<void> {
  const rows = users.map(({ userId }) => ({ user_id: userId }));
  await sql`insert into seen_users (user_id) select user_id
    from ${jsonRows(db, { user_id: 'text' }, rows)} as r where true on conflict do nothing`.execute(db);
}

/** The next users of a team that hold something and were not seen, after the user `after`. */
export async function listUnseenHolders(
  db: Queryable,
  { teamId, after, limit }: { teamId: string; after: string; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ user_id: string }>`
    select distinct user_id from grants
    where team_id = ${teamId} and held = 1 and user_id > ${after} and user_id not in (select user_id from seen_users)
    order by user_id limit ${limit}`.execute(db);
  return rows.map((row) => row.user_id);
}
