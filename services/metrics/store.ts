import { sql } from 'kysely';
import { SWEEP_LEASE_MS } from '../database/lease';
import type { Queryable } from '../database/schema';
import { hasElapsed } from '../runtime/clock';

export type DatabaseMetrics = Awaited<ReturnType<typeof readDatabaseMetrics>>;

/** Reads a few index entries for each team, never the whole log. */
export async function readDatabaseMetrics(db: Queryable, nowMs: number) {
  const open = await sql<{ state: string; count: number }>`
    select state, count(*) as count from permission_requests where expires_at is not null group by state`.execute(
    db,
  );
  const size = await sql<{ entries: number }>`
    select coalesce((select sum(team_seq) from chains), 0)
      - coalesce((select sum(team_seq) from chain_stubs), 0) as entries`.execute(db);
  const sweeps = await db
    .selectFrom('sweeps')
    .select(['team_id', 'finished_at', 'state', 'owner', 'lease_until_ms'])
    .execute();
  const lags = await sql<{ name: string; team_id: string; entries: number; at: string | null }>`
    select sinks.name, sinks.team_id, coalesce(chains.team_seq - next.team_seq + 1, 0) as entries, next.at
    from sinks
    left join chains on chains.team_id = sinks.team_id and chains.seq > sinks.seq
    left join grant_log as next on next.seq = (
      select min(seq) from grant_log where team_id = chains.team_id and seq > sinks.seq)
    where sinks.team_id <> ''`.execute(db);
  return {
    openRequests: open.rows.map(({ state, count }) => ({ state, count: Number(count) })),
    // PostgreSQL sums up to a number of any length, which comes as a text.
    logEntries: Number(size.rows[0]?.entries ?? 0),
    sweeps: sweeps.map((row) => ({
      teamId: row.team_id,
      finishedAt: row.finished_at,
      isRunning: row.owner !== null && !hasElapsed(row.lease_until_ms, nowMs, SWEEP_LEASE_MS),
      isFailed: row.state === 'failed',
    })),
    /** `at`: when the first entry was recorded that is still to be delivered. */
    lags: lags.rows.map((row) => ({ name: row.name, teamId: row.team_id, entries: row.entries, at: row.at })),
  };
}
