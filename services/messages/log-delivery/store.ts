import { type Expression, sql } from 'kysely';
import { setLease, takeLease } from '../../database/lease';
import type { Queryable } from '../../database/schema';
import { MAX_RETRY_AFTER_MS } from '../../slack/rate-limit';
import { MAX_WAIT_MS } from './destination';

/** The row, instead of a team's, that marks a destination for all teams as registered. */
const ALL_TEAMS = '';

/**
 * Registers a new destination at the end of the log: it gets what is recorded from now on. One for all teams gets the
 * whole log of a team that comes later; one that names its teams starts at the end of the log of each.
 */
export async function createCursors(
  db: Queryable,
  { name, teams }: { name: string; teams: 'all' | readonly string[] },
): Promise<void> {
  if (teams === 'all') {
    // Of instances that start at once, only the first inserts the row; the others wait for its transaction.
    if (!(await insertAtEnd(db, name, ALL_TEAMS))) return;
    await sql`insert into sinks (name, team_id, seq) select ${name}, team_id, seq from chains where true
      on conflict do nothing`.execute(db);
  } else for (const teamId of teams) await insertAtEnd(db, name, teamId);
}

/** False where the row existed. */
async function insertAtEnd(db: Queryable, name: string, teamId: string): Promise<boolean> {
  const { rows } = await sql`insert into sinks (name, team_id, seq)
    values (${name}, ${teamId}, coalesce((select seq from chains where team_id = ${teamId}), 0))
    on conflict do nothing returning seq`.execute(db);
  return rows.length > 0;
}

/** The `seq` of the last entry that was delivered, by team. */
export async function listCursors(db: Queryable, name: string): Promise<Map<string, number>> {
  const rows = await db.selectFrom('sinks').select(['team_id', 'seq']).where('name', '=', name).execute();
  return new Map(rows.map((row) => [row.team_id, row.seq]));
}

/** Names the cursor of a destination in the log of a team. */
interface CursorKey {
  name: string;
  teamId: string;
}

/** Leases the cursor, so that no other instance delivers the same entries. A lease that this instance holds is renewed. */
export async function takeCursor(
  db: Queryable,
  { name, teamId }: CursorKey,
  { owner, now, leaseMs }: { owner: string; now: number; leaseMs: number },
) {
  await sql`insert into sinks (name, team_id, seq) values (${name}, ${teamId}, 0)
    on conflict do nothing`.execute(db);
  const longestMs = sql<number>`case when owner is not null then ${sql.lit(leaseMs)}
    when attempts < 10 then ${sql.lit(MAX_RETRY_AFTER_MS)} else ${sql.lit(MAX_WAIT_MS)} end`;
  const key = sql<boolean>`name = ${name} and team_id = ${teamId}`;
  const lease = { now, leaseMs, longestMs, isMine: sql<boolean>`owner = ${owner}`, set: { owner } };
  const [taken] = await takeLease(db, leased(key), lease);
  const row = taken ?? (await db.selectFrom('sinks').selectAll().where(key).executeTakeFirstOrThrow());
  return {
    isOurs: taken !== undefined,
    seq: row.seq,
    attempts: row.attempts,
    /** Another instance has leased it; otherwise it waits until `dueAtMs`. */
    isHeld: row.owner !== null,
    dueAtMs: row.due_at_ms,
  };
}

function leased(where: Expression<unknown>) {
  return { table: 'sinks', until: ['due_at_ms'], where } as const;
}

/** Moves the cursor, and renews or releases its lease; false where another instance has taken it. */
export async function saveCursor(
  db: Queryable,
  { name, teamId }: CursorKey,
  owner: string,
  { dueAtMs, ...set }: { seq: number; attempts: number; owner: string | null; dueAtMs: number },
): Promise<boolean> {
  const isOurs = sql`name = ${name} and team_id = ${teamId} and owner = ${owner}`;
  return setLease(db, leased(isOurs), dueAtMs, set);
}
