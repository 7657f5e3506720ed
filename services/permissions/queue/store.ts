import { sql } from 'kysely';
import type { Queryable, TableRow } from '../../database/schema';

/** A workspace whose rate Slack limits. */
export interface RateLimit {
  teamId: string;
  /** ms: no call is made until then. */
  pausedUntilMs: number;
  /** ms: calls go through the queue until then. */
  limitedUntilMs: number;
  /** Thousandths of a call that may be made now. */
  millitokens: number;
  refilledAtMs: number;
}

/** A request that waits, or was called. Those with a lower `seq` come first. */
export interface QueuedRequest {
  requestId: string;
  seq: number;
  /** ms; undefined: it waits. */
  calledAtMs: number | undefined;
}

export async function findRateLimit(db: Queryable, teamId: string): Promise<RateLimit | undefined> {
  return (await listRateLimits(db)).find((rateLimit) => rateLimit.teamId === teamId);
}

/** Every workspace with a queue: few, at any time. */
export async function listRateLimits(db: Queryable): Promise<RateLimit[]> {
  const rows = await db.selectFrom('rushes').selectAll().execute();
  return rows.map((row) => ({
    teamId: row.team_id,
    pausedUntilMs: row.paused_until_ms,
    limitedUntilMs: row.limited_until_ms,
    millitokens: row.milliturns,
    refilledAtMs: row.counted_at_ms,
  }));
}

export async function saveRateLimit(db: Queryable, rateLimit: RateLimit): Promise<void> {
  const row = {
    team_id: rateLimit.teamId,
    paused_until_ms: rateLimit.pausedUntilMs,
    limited_until_ms: rateLimit.limitedUntilMs,
    milliturns: Math.floor(rateLimit.millitokens),
    counted_at_ms: rateLimit.refilledAtMs,
  };
  await db
    .insertInto('rushes')
    .values(row)
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet(row))
    .execute();
}

export async function deleteRateLimit(db: Queryable, teamId: string): Promise<void> {
  await db.deleteFrom('rushes').where('team_id', '=', teamId).execute();
}

function toQueuedRequest(row: TableRow<'turns'>): QueuedRequest {
  return { requestId: row.request_id, seq: row.seq, calledAtMs: row.called_at_ms ?? undefined };
}

export async function findQueued(db: Queryable, requestId: string): Promise<QueuedRequest | undefined> {
  const row = await db.selectFrom('turns').selectAll().where('request_id', '=', requestId).executeTakeFirst();
  return row && toQueuedRequest(row);
}

/** The queued request of the same user for the same scopes. */
export async function findSameRequest(
  db: Queryable,
  { teamId, userId, scopes }: { teamId: string; userId: string; scopes: readonly string[] },
): Promise<string | undefined> {
  const row = await db
    .selectFrom('turns')
    .innerJoin('permission_requests', 'permission_requests.id', 'turns.request_id')
    .select('turns.request_id')
    .where('permission_requests.team_id', '=', teamId)
    .where('permission_requests.user_id', '=', userId)
    .where('permission_requests.scopes', '=', JSON.stringify(scopes))
    .limit(1)
    .executeTakeFirst();
  return row?.request_id;
}

/** Adds a request at the end; one that is queued already waits again where it was. */
export async function insertQueued(
  db: Queryable,
  turn: { requestId: string; teamId: string; nowMs: number },
): Promise<void> {
  const waits = { called_at_ms: null, told_at_ms: null };
  await db
    .insertInto('turns')
    .values({ request_id: turn.requestId, team_id: turn.teamId, place_ms: turn.nowMs, ...waits })
    .onConflict((conflict) => conflict.column('request_id').doUpdateSet(waits))
    .execute();
}

export async function deleteQueued(db: Queryable, requestIds: readonly string[]): Promise<void> {
  if (requestIds.length === 0) return;
  await db.deleteFrom('turns').where('request_id', 'in', requestIds).execute();
}

/** Counts the team's queued requests; with `before`, only those before that `seq`. */
export async function countQueued(
  db: Queryable,
  { teamId, before }: { teamId: string; before?: number },
): Promise<{ all: number; waiting: number }> {
  let query = db
    .selectFrom('turns')
    .select(({ fn }) => fn.countAll<number>().as('all'))
    .select(sql<number>`coalesce(sum(case when called_at_ms is null then 1 else 0 end), 0)`.as('waiting'))
    .where('team_id', '=', teamId);
  if (before !== undefined) query = query.where('seq', '<', before);
  const row = await query.executeTakeFirst();
  return { all: Number(row?.all ?? 0), waiting: Number(row?.waiting ?? 0) };
}

/** The next requests that wait. */
export async function listWaiting(
  db: Queryable,
  { teamId, limit }: { teamId: string; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('turns')
    .select('request_id')
    .where('team_id', '=', teamId)
    .where('called_at_ms', 'is', null)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map((row) => row.request_id);
}

/** Requests that were called before a time and may not have been notified. */
export async function listUnnotified(
  db: Queryable,
  { teamId, calledBeforeMs }: { teamId: string; calledBeforeMs: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('turns')
    .select('request_id')
    .where('team_id', '=', teamId)
    .where('told_at_ms', 'is', null)
    .where('called_at_ms', '<=', calledBeforeMs)
    .orderBy('seq')
    .execute();
  return rows.map((row) => row.request_id);
}

export async function markCalled(
  db: Queryable,
  requestIds: readonly string[],
  calledAtMs: number,
): Promise<void> {
  if (requestIds.length === 0) return;
  await db
    .updateTable('turns')
    .set({ called_at_ms: calledAtMs })
    .where('request_id', 'in', requestIds)
    .execute();
}

export async function markNotified(
  db: Queryable,
  requestIds: readonly string[],
  notifiedAtMs: number,
): Promise<void> {
  if (requestIds.length === 0) return;
  await db
    .updateTable('turns')
    .set({ told_at_ms: notifiedAtMs })
    .where('request_id', 'in', requestIds)
    .where('called_at_ms', 'is not', null)
    .execute();
}

/** Corrects call times in the future, from before the clock was set back. */
export async function capCalledAt(db: Queryable, teamId: string, nowMs: number): Promise<void> {
  await db
    .updateTable('turns')
    .set({ called_at_ms: nowMs })
    .where('team_id', '=', teamId)
    .where('called_at_ms', '>', nowMs)
    .execute();
}

/** Deletes requests that were called before a time and did not come back; returns how many. */
export async function deleteMissed(
  db: Queryable,
  { teamId, calledBeforeMs }: { teamId: string; calledBeforeMs: number },
): Promise<number> {
  const result = await db
    .deleteFrom('turns')
    .where('team_id', '=', teamId)
    .where('called_at_ms', '<=', calledBeforeMs)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
