import type { Selectable } from 'kysely';
import type { Queryable, TurnTable } from '../database/schema';

/** A workspace whose rate limit was met. */
export interface Rush {
  teamId: string;
  /** ms: until then no call is made at all. */
  pausedUntilMs: number;
  /** ms: until then calls are made in turns. */
  limitedUntilMs: number;
  /** Thousandths of a call that may be made now. */
  milliturns: number;
  countedAtMs: number;
}

/** A request that waits, or was called. */
export interface Turn {
  requestId: string;
  /** Whoever has a lower one is before it; `seq` where they came at once. */
  placeMs: number;
  seq: number;
  /** ms; undefined: not yet. */
  calledAtMs: number | undefined;
}

export async function findRush(db: Queryable, teamId: string): Promise<Rush | undefined> {
  return (await listRushes(db)).find((rush) => rush.teamId === teamId);
}

/** Every workspace in which turns are handed out: few, at any time. */
export async function listRushes(db: Queryable): Promise<Rush[]> {
  const rows = await db.selectFrom('rushes').selectAll().execute();
  return rows.map((row) => ({
    teamId: row.team_id,
    pausedUntilMs: row.paused_until_ms,
    limitedUntilMs: row.limited_until_ms,
    milliturns: row.milliturns,
    countedAtMs: row.counted_at_ms,
  }));
}

export async function saveRush(db: Queryable, rush: Rush): Promise<void> {
  const row = {
    team_id: rush.teamId,
    paused_until_ms: rush.pausedUntilMs,
    limited_until_ms: rush.limitedUntilMs,
    milliturns: Math.floor(rush.milliturns),
    counted_at_ms: rush.countedAtMs,
  };
  await db
    .insertInto('rushes')
    .values(row)
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet(row))
    .execute();
}

export async function deleteRush(db: Queryable, teamId: string): Promise<void> {
  await db.deleteFrom('rushes').where('team_id', '=', teamId).execute();
}

function toTurn(row: Selectable<TurnTable>): Turn {
  return {
    requestId: row.request_id,
    placeMs: row.place_ms,
    seq: row.seq,
    calledAtMs: row.called_at_ms ?? undefined,
  };
}

export async function findTurn(db: Queryable, requestId: string): Promise<Turn | undefined> {
  const row = await db.selectFrom('turns').selectAll().where('request_id', '=', requestId).executeTakeFirst();
  return row && toTurn(row);
}

/** The request of the same user for the same scopes that waits already. */
export async function findWaitingRequest(
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

export async function insertTurn(
  db: Queryable,
  turn: { requestId: string; teamId: string; placeMs: number },
): Promise<void> {
  await db
    .insertInto('turns')
    .values({
      request_id: turn.requestId,
      team_id: turn.teamId,
      place_ms: turn.placeMs,
      called_at_ms: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function deleteTurn(db: Queryable, requestId: string): Promise<void> {
  await db.deleteFrom('turns').where('request_id', '=', requestId).execute();
}

/** How many of the team wait, and how many of them came before this one. */
export async function countWaiting(
  db: Queryable,
  { teamId, before }: { teamId: string; before?: Pick<Turn, 'placeMs' | 'seq'> },
): Promise<number> {
  let query = db
    .selectFrom('turns')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('team_id', '=', teamId)
    .where('called_at_ms', 'is', null);
  if (before !== undefined) {
    const { placeMs, seq } = before;
    query = query.where((is) =>
      is.or([is('place_ms', '<', placeMs), is.and([is('place_ms', '=', placeMs), is('seq', '<', seq)])]),
    );
  }
  return Number((await query.executeTakeFirst())?.count ?? 0);
}

/** The next that wait. */
export async function listWaiting(
  db: Queryable,
  { teamId, limit }: { teamId: string; limit: number },
): Promise<Turn[]> {
  const rows = await db
    .selectFrom('turns')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('called_at_ms', 'is', null)
    .orderBy('place_ms')
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(toTurn);
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

/** Forgets who was called before a time and did not come; answers with how many. */
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
