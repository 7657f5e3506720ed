import type { Database } from '../../database/database';
import type { Queryable } from '../../database/schema';
import type { Clock } from '../../runtime/clock';
import { LONGEST_RETRY_AFTER_MS } from '../../slack/rate-limit';
import { type PermissionRequest, saveRequests } from '../requests/store';
import {
  capCalled,
  countTurns,
  deleteMissed,
  deleteRush,
  deleteTurns,
  findRush,
  findSameRequest,
  findTurn,
  insertTurn,
  listRushes,
  listUntold,
  listWaiting,
  markCalled,
  markTold,
  type Rush,
  saveRush,
} from './store';

/** Without a 429 for so long, calls are made at once again. */
const CALM_MS = 60_000;
/** For so long a turn is kept for whoever was called. */
export const TURN_TTL_MS = 60_000;
/** Whoever called somebody has told them by then, and written that down. */
const TELL_AGAIN_MS = 5_000;
/** Clocks of instances are not further apart; a time further ahead is from before a clock was put back. */
const CLOCKS_APART_MS = 60_000;
const TURN = 1_000;

/** Where somebody stands who has to wait. */
export interface Place {
  /** The request that has it: an earlier one where the same user asks for the same scopes again. */
  requestId: string;
  /** 1: the next. Nobody else has it, and it only falls. */
  position: number;
  waitMs: number;
}

/** Whether the call may be made now, and by whose turn where it took one; or where the request waits. */
export type Entry = { is: 'free' } | { is: 'called'; turnOf: string } | { is: 'waiting'; place: Place };

/**
 * Who may call Slack, while it limits the rate of a workspace. Before the first 429 everybody may, and nothing is asked.
 * Kept in the database: turns survive a restart, and are one row for all instances. Turns are taken in the order of that
 * row; whoever is called keeps it until it is known what came of the call, so that nobody is ever put before others.
 */
export interface Turns {
  enter(request: PermissionRequest): Promise<Entry>;
  /**
   * Slack said 429 to this request: nobody calls until that is over. It waits where it was, with the turn that it took, or
   * else after all who wait.
   */
  limit(request: PermissionRequest, retryAfterMs: number, turnOf?: string): Promise<Place>;
  /**
   * Hands out turns that have come due. `tell` is called for each when that is committed, and again later for whoever
   * may not have been told: where the commit was not heard of, or the instance died.
   */
  call(tell: (request: PermissionRequest) => void): Promise<void>;
}

export function createTurns({
  database,
  clock,
  perMinute,
  recordCalled,
}: {
  database: Database;
  clock: Clock;
  /** `TIER2_PER_MINUTE` */
  perMinute: number;
  /** Writes that these are awaited from now on; answers with those who are to be called. */
  recordCalled: (tx: Queryable, requestIds: readonly string[]) => Promise<PermissionRequest[]>;
}): Turns {
  /** The teams that are known to be limited: others are not looked up. Seen anew at each `call`. */
  let limited: ReadonlySet<string> = new Set();
  /** By team: who was told here, which is still to be written down. */
  const told = new Map<string, readonly string[]>();
  const perMs = (perMinute * TURN) / 60_000;
  const inTurn = <T>(teamId: string, run: (tx: Queryable) => Promise<T>) =>
    database.transactTeams([teamId], run);

  /** A clock that was put back must not make a pause longer: what cannot be is over. */
  async function findCurrent(tx: Queryable, teamId: string): Promise<Rush | undefined> {
    const rush = await findRush(tx, teamId);
    const now = clock.now();
    if (rush === undefined) return undefined;
    const isPossible =
      rush.countedAtMs <= now + CLOCKS_APART_MS && rush.pausedUntilMs <= now + LONGEST_RETRY_AFTER_MS;
    if (isPossible) return rush;
    return { ...rush, pausedUntilMs: now, limitedUntilMs: now + CALM_MS, countedAtMs: now };
  }

  /**
   * What has come together since the last count, in whole thousandths of a call; what is left over of the time counts the
   * next time. One call at most is saved up, since Slack's burst is spent, and what there is of the one after it.
   */
  function count(rush: Rush): Rush {
    const since = Math.max(rush.countedAtMs, rush.pausedUntilMs);
    const gained = Math.floor(Math.max(0, clock.now() - since) * perMs);
    if (gained === 0) return rush;
    const countedAtMs = since + Math.ceil(gained / perMs);
    return { ...rush, milliturns: Math.min(2 * TURN - 1, rush.milliturns + gained), countedAtMs };
  }

  const isPaused = (rush: Rush) => clock.now() < rush.pausedUntilMs;

  /** Puts the request where it waits, and keeps it. */
  async function wait(
    tx: Queryable,
    rush: Rush,
    { request, requestId }: { request: PermissionRequest; requestId: string },
  ): Promise<Place> {
    const { teamId } = rush;
    if (requestId === request.id)
      await saveRequests(tx, [{ request, state: 'waiting', triggerId: undefined, expiresAt: null }]);
    await insertTurn(tx, { requestId, teamId, nowMs: clock.now() });
    const turn = await findTurn(tx, requestId);
    const before = await countTurns(tx, { teamId, before: turn?.seq ?? 0 });
    const pauseMs = Math.max(0, rush.pausedUntilMs - clock.now());
    const waitMs = pauseMs + ((before.waiting + 1) * TURN) / perMs;
    return { requestId, position: before.all + 1, waitMs };
  }

  async function enterLimited(tx: Queryable, request: PermissionRequest): Promise<Entry> {
    const { teamId } = request;
    const found = await findCurrent(tx, teamId);
    if (found === undefined) return { is: 'free' };
    const rush = count(found);
    const requestId = (await findSameRequest(tx, request)) ?? request.id;
    const turn = await findTurn(tx, requestId);
    if (turn?.calledAtMs !== undefined && !isPaused(rush)) {
      // Paid for when it was called. It is kept until it is known what came of the call.
      await markCalled(tx, [requestId], clock.now());
      await markTold(tx, [requestId], clock.now());
      return { is: 'called', turnOf: requestId };
    }
    if (turn === undefined && !isPaused(rush) && rush.milliturns >= TURN) {
      const { waiting } = await countTurns(tx, { teamId });
      if (waiting === 0) {
        await saveRush(tx, { ...rush, milliturns: rush.milliturns - TURN });
        return { is: 'free' };
      }
    }
    return { is: 'waiting', place: await wait(tx, rush, { request, requestId }) };
  }

  async function callTeam(tx: Queryable, teamId: string): Promise<PermissionRequest[]> {
    const found = await findCurrent(tx, teamId);
    if (found === undefined) return [];
    const now = clock.now();
    await markTold(tx, told.get(teamId) ?? [], now);
    await capCalled(tx, teamId, now);
    const again = await listUntold(tx, { teamId, calledBeforeMs: now - TELL_AGAIN_MS });
    await markCalled(tx, again, now);
    const missed = await deleteMissed(tx, { teamId, calledBeforeMs: now - TURN_TTL_MS });
    const counted = count(found);
    // Whoever did not come has made no call.
    const rush = { ...counted, milliturns: counted.milliturns + missed * TURN };
    const due = isPaused(rush) ? 0 : Math.floor(rush.milliturns / TURN);
    const next = due === 0 ? [] : await listWaiting(tx, { teamId, limit: due });
    await markCalled(tx, next, now);
    const called = await recordCalled(tx, [...again, ...next]);
    const calledIds = new Set(called.map(({ id }) => id));
    const dropped = [...again, ...next].filter((id) => !calledIds.has(id));
    await deleteTurns(tx, dropped);
    const spent = (next.length - dropped.length) * TURN;
    const isCalm = now >= rush.limitedUntilMs && (await countTurns(tx, { teamId })).all === 0;
    if (isCalm) await deleteRush(tx, teamId);
    else await saveRush(tx, { ...rush, milliturns: rush.milliturns - spent });
    return called;
  }

  return {
    async enter(request) {
      if (!limited.has(request.teamId)) return { is: 'free' };
      return inTurn(request.teamId, (tx) => enterLimited(tx, request));
    },

    async limit(request, retryAfterMs, turnOf) {
      const { teamId } = request;
      limited = new Set([...limited, teamId]);
      return inTurn(teamId, async (tx) => {
        const now = clock.now();
        const before = await findCurrent(tx, teamId);
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
        const requestId = turnOf ?? (await findSameRequest(tx, request)) ?? request.id;
        return wait(tx, rush, { request, requestId });
      });
    },

    async call(tell) {
      const rushes = await listRushes(database.query);
      limited = new Set(rushes.map(({ teamId }) => teamId));
      const faults: unknown[] = [];
      for (const { teamId } of rushes) {
        try {
          const called = await inTurn(teamId, (tx) => callTeam(tx, teamId));
          told.set(
            teamId,
            called.map(({ id }) => id),
          );
          for (const request of called) tell(request);
        } catch (error) {
          // The other workspaces have their turns all the same.
          faults.push(error);
        }
      }
      for (const teamId of told.keys()) if (!limited.has(teamId)) told.delete(teamId);
      if (faults.length > 0) throw faults[0];
    },
  };
}
