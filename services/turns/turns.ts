import type { Clock } from '../clock';
import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import type { PermissionRequest } from '../requests/store';
import {
  countWaiting,
  deleteMissed,
  deleteRush,
  deleteTurn,
  findRush,
  findTurn,
  findWaitingRequest,
  insertTurn,
  listRushes,
  listWaiting,
  markCalled,
  type Rush,
  saveRush,
} from './store';

/** Without a 429 for so long, calls are made at once again. */
const CALM_MS = 60_000;
/** For so long a turn is kept for whoever was called. */
export const TURN_TTL_MS = 60_000;
const TURN = 1_000;

/** Where somebody stands who has to wait. */
export interface Place {
  /** The request that has it: an earlier one where the same user asks for the same scopes again. */
  requestId: string;
  /** 1: the next. */
  position: number;
  waitMs: number;
}

type Waiting = Pick<PermissionRequest, 'id' | 'teamId' | 'userId' | 'scopes' | 'createdAt'>;

/**
 * Who may call Slack, while it limits the rate of a workspace. Before the first 429 everybody may, and nothing is asked.
 * Kept in the database: turns survive a restart, and are one row for all instances.
 */
export interface Turns {
  /** Undefined: the call may be made now. Otherwise the request waits, and keeps the place that it has. */
  enter(request: Waiting): Promise<Place | undefined>;
  /** Slack said 429 to this request: nobody calls until that is over, and it waits where it would have been. */
  limit(request: { id: string; teamId: string; createdAt: string }, retryAfterMs: number): Promise<Place>;
  /** Hands out turns that have come due; answers with the requests that were called. */
  call(): Promise<string[]>;
}

export function createTurns({
  database,
  clock,
  perMinute,
}: {
  database: Database;
  clock: Clock;
  /** `TIER2_PER_MINUTE` */
  perMinute: number;
}): Turns {
  /** The teams that are known to be limited: others are not looked up. Seen anew at each `call`. */
  let limited: ReadonlySet<string> = new Set();
  const perMs = (perMinute * TURN) / 60_000;
  const inTurn = <T>(teamId: string, run: (tx: Queryable) => Promise<T>) =>
    database.transactTeams([teamId], run);

  /**
   * What has come together since the last count, in whole thousandths of a call; what is left over of the time counts the
   * next time. One call at most is saved up, since Slack's burst is spent, and what there is of the one after it.
   */
  function count(rush: Rush): Rush {
    const since = Math.max(rush.countedAtMs, rush.pausedUntilMs);
    const gained = Math.floor(Math.max(0, clock.now() - since) * perMs);
    const countedAtMs = since + Math.ceil(gained / perMs);
    return { ...rush, milliturns: Math.min(2 * TURN - 1, rush.milliturns + gained), countedAtMs };
  }

  const mayCall = (rush: Rush) => rush.milliturns >= TURN && clock.now() >= rush.pausedUntilMs;

  async function toPlace(tx: Queryable, rush: Rush, requestId: string): Promise<Place> {
    const turn = await findTurn(tx, requestId);
    const before = await countWaiting(tx, { teamId: rush.teamId, before: turn ?? { placeMs: 0, seq: 0 } });
    const pauseMs = Math.max(0, rush.pausedUntilMs - clock.now());
    return { requestId, position: before + 1, waitMs: pauseMs + ((before + 1) * TURN) / perMs };
  }

  async function enterLimited(
    tx: Queryable,
    { id, teamId, userId, scopes }: Waiting,
  ): Promise<Place | undefined> {
    const found = await findRush(tx, teamId);
    if (found === undefined) return undefined;
    const rush = count(found);
    const requestId = (await findWaitingRequest(tx, { teamId, userId, scopes })) ?? id;
    const turn = await findTurn(tx, requestId);
    if (turn?.calledAtMs !== undefined) {
      // Paid for when it was called; it is there for one press.
      if (clock.now() >= rush.pausedUntilMs) {
        await deleteTurn(tx, requestId);
        return undefined;
      }
      return toPlace(tx, rush, requestId);
    }
    if (turn === undefined && mayCall(rush) && (await countWaiting(tx, { teamId })) === 0) {
      await saveRush(tx, { ...rush, milliturns: rush.milliturns - TURN });
      return undefined;
    }
    await insertTurn(tx, { requestId, teamId, placeMs: clock.now() });
    return toPlace(tx, rush, requestId);
  }

  async function callTeam(tx: Queryable, teamId: string): Promise<string[]> {
    const found = await findRush(tx, teamId);
    if (found === undefined) return [];
    const now = clock.now();
    const missed = await deleteMissed(tx, { teamId, calledBeforeMs: now - TURN_TTL_MS });
    const counted = count(found);
    // Whoever did not come has made no call.
    const rush = { ...counted, milliturns: counted.milliturns + missed * TURN };
    const due = now < rush.pausedUntilMs ? 0 : Math.floor(rush.milliturns / TURN);
    const next = due === 0 ? [] : await listWaiting(tx, { teamId, limit: due });
    const isCalm = now >= rush.limitedUntilMs && next.length < Math.max(due, 1);
    if (isCalm && (await countWaiting(tx, { teamId })) === next.length) await deleteRush(tx, teamId);
    else await saveRush(tx, { ...rush, milliturns: rush.milliturns - next.length * TURN });
    const called = next.map(({ requestId }) => requestId);
    await markCalled(tx, called, now);
    return called;
  }

  return {
    async enter(request) {
      if (!limited.has(request.teamId)) return undefined;
      return inTurn(request.teamId, (tx) => enterLimited(tx, request));
    },

    async limit({ id: requestId, teamId, createdAt }, retryAfterMs) {
      limited = new Set([...limited, teamId]);
      return inTurn(teamId, async (tx) => {
        const now = clock.now();
        const before = await findRush(tx, teamId);
        const pausedUntilMs = Math.max(before?.pausedUntilMs ?? 0, now + retryAfterMs);
        const rush: Rush = {
          teamId,
          pausedUntilMs,
          limitedUntilMs: pausedUntilMs + CALM_MS,
          // Slack's `Retry-After` says when it takes the next.
          milliturns: TURN,
          countedAtMs: now,
        };
        await saveRush(tx, rush);
        // It was let through: those who came later have no claim to be before it.
        await insertTurn(tx, { requestId, teamId, placeMs: Date.parse(createdAt) });
        return toPlace(tx, rush, requestId);
      });
    },

    async call() {
      const rushes = await listRushes(database.query);
      limited = new Set(rushes.map(({ teamId }) => teamId));
      const called: string[] = [];
      for (const { teamId } of rushes) called.push(...(await inTurn(teamId, (tx) => callTeam(tx, teamId))));
      return called;
    },
  };
}
