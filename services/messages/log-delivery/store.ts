import { type Expression, sql } from 'kysely';
import { setLease, takeLease } from '../../database/lease';
import type { Queryable } from '../../database/schema';
import { MAX_RETRY_AFTER_MS } from '../../slack/rate-limit';
import { MAX_WAIT_MS } from './destination';

/** Stands for a sink itself, in the place of a team: it was configured once. */
const ALL_TEAMS = '';

/**
 * Puts a sink that is new at the end of the log: it tells what is recorded from now on. One for all teams then begins
 * with the first entry of each team that is new to it; what it is told of by name begins at the end of that team's log.
 */
export async function createCursors(
  db: Queryable,
  { name, teams }: { name: string; teams: 'all' | readonly string[] },
): Promise<void> {
  if (teams === 'all') {
    // Another instance that starts at the same time is waited for: one of them alone is the first.
    if (!(await insertAtEnd(db, name, ALL_TEAMS))) return;
    await sql`insert into sinks (name, team_id, seq) select ${name}, team_id, seq from chains where true
      on conflict do nothing`.execute(db);
  } else for (const teamId of teams) await insertAtEnd(db, name, teamId);
}

/** False where it was there. */
async function insertAtEnd(db: Queryable, name: string, teamId: string): Promise<boolean> {
  const { rows } = await sql`insert into sinks (name, team_id, seq)
    values (${name}, ${teamId}, coalesce((select seq from chains where team_id = ${teamId}), 0))
    on conflict do nothing returning seq`.execute(db);
  return rows.length > 0;
}

/** The last entry that was told, by team. */
export async function listCursors(db: Queryable, name: string): Promise<Map<string, number>> {
  const rows = await db.selectFrom('sinks').select(['team_id', 'seq']).where('name', '=', name).execute();
  return new Map(rows.map((row) => [row.team_id, row.seq]));
}

/** The place of a sink in the log of a team. */
export interface CursorKey {
  name: string;
  teamId: string;
}

/** How far a sink is: it is ours until the lease ends, or somebody else's, or at rest until `dueAtMs`. */
export type CursorLease =
  | { isOurs: true; seq: number; attempts: number }
  | { isOurs: false; seq: number; isHeld: boolean; dueAtMs: number };

/** Takes the place, so that no other instance tells the same. What this instance has taken before, it has still. */
export async function takeCursor(
  db: Queryable,
  { name, teamId }: CursorKey,
  { owner, now, leaseMs }: { owner: string; now: number; leaseMs: number },
): Promise<CursorLease> {
  await db
    .insertInto('sinks')
    .values({ name, team_id: teamId, seq: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const longestMs = sql<number>`case when owner is not null then ${sql.lit(leaseMs)}
    when attempts < 10 then ${sql.lit(MAX_RETRY_AFTER_MS)} else ${sql.lit(MAX_WAIT_MS)} end`;
  const isMine = sql<boolean>`owner = ${owner}`;
  const lease = { now, leaseMs, longestMs, isMine, set: { owner } };
  const [taken] = await takeLease(db, leased(sql`name = ${name} and team_id = ${teamId}`), lease);
  if (taken !== undefined) return { isOurs: true, seq: taken.seq, attempts: taken.attempts };
  const row = await db
    .selectFrom('sinks')
    .selectAll()
    .where('name', '=', name)
    .where('team_id', '=', teamId)
    .executeTakeFirstOrThrow();
  return { isOurs: false, seq: row.seq, isHeld: row.owner !== null, dueAtMs: row.due_at_ms };
}

function leased(where: Expression<unknown>) {
  return { table: 'sinks', until: ['due_at_ms'], where } as const;
}

/** Saves how far we are, and until when we keep the place, or nobody has it; false where another has taken it. */
export async function saveCursor(
  db: Queryable,
  { name, teamId }: CursorKey,
  owner: string,
  { dueAtMs, ...set }: { seq: number; attempts: number; owner: string | null; dueAtMs: number },
): Promise<boolean> {
  const isOurs = sql`name = ${name} and team_id = ${teamId} and owner = ${owner}`;
  return setLease(db, leased(isOurs), dueAtMs, set);
}
