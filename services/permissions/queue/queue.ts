import type { Database } from '../../database/database';
import type { Queryable } from '../../database/schema';
import type { Clock } from '../../runtime/clock';
import { MAX_RETRY_AFTER_MS } from '../../slack/rate-limit';
import { type PermissionRequest, saveRequests } from '../requests/store';
import {
  capCalledAt,
  countQueued,
  deleteMissed,
  deleteQueued,
  deleteRateLimit,
  findQueued,
  findRateLimit,
  findSameRequest,
  insertQueued,
  listRateLimits,
  listUnnotified,
  listWaiting,
  markCalled,
  markNotified,
  type RateLimit,
  saveRateLimit,
} from './store';

/** The queue ends after this long without a 429. */
const QUIET_MS = 60_000;
/** How long a called request keeps its entry. */
const CALLED_TTL_MS = 60_000;
/** By then the instance that called a request has notified the user and stored that; otherwise another does. */
const NOTIFY_AGAIN_MS = 5_000;
/** The clocks of instances differ by less; a time further ahead was written before a clock was set back. */
const MAX_CLOCK_SKEW_MS = 60_000;
const MILLITOKENS_PER_CALL = 1_000;

export interface QueueTicket {
  /** The request that holds it: an earlier one where the same user asks for the same scopes again. */
  requestId: string;
  /** 1: the next. Unique, and it only falls. */
  position: number;
  waitMs: number;
}

/** Whether the call may be made now, and whose entry it uses up if any; or where the request waits. */
export type QueueEntry =
  | { is: 'free' }
  | { is: 'called'; calledRequestId: string }
  | { is: 'waiting'; ticket: QueueTicket };

export type RateLimitQueue = ReturnType<typeof createRateLimitQueue>;

/**
 * Decides who may call Slack while it limits the rate of a workspace. Before the first 429 everyone may, and nothing is read.
 * Stored in the database: it survives a restart, and all instances share it. Requests are called in order; a called request
 * keeps its entry until the result of its call is known, so that nobody overtakes it.
 */
export function createRateLimitQueue({
  database,
  clock,
  perMinute,
  recordCalled,
}: {
  database: Database;
  clock: Clock;
  /** `TIER2_PER_MINUTE` */
  perMinute: number;
  /** Stores that the answers to these are awaited from now on; returns those to notify. */
  recordCalled: (tx: Queryable, requestIds: readonly string[]) => Promise<PermissionRequest[]>;
}) {
  /** Teams known to be limited: others are not looked up. Read again by each `callDue`. */
  let limitedTeams: ReadonlySet<string> = new Set();
  /** By team: requests that this instance has notified, to be stored by the next `callDue`. */
  const notified = new Map<string, readonly string[]>();
  const perMs = (perMinute * MILLITOKENS_PER_CALL) / 60_000;
  const withTeamLock = <T>(teamId: string, run: (tx: Queryable) => Promise<T>) =>
    database.transactTeams([teamId], run);

  /** A clock that was set back must not prolong a pause: an impossible end counts as over. */
  async function findCurrent(tx: Queryable, teamId: string): Promise<RateLimit | undefined> {
    const limit = await findRateLimit(tx, teamId);
    const now = clock.now();
    if (limit === undefined) return undefined;
    const isPossible =
      limit.refilledAtMs <= now + MAX_CLOCK_SKEW_MS && limit.pausedUntilMs <= now + MAX_RETRY_AFTER_MS;
    if (isPossible) return limit;
    return { ...limit, pausedUntilMs: now, limitedUntilMs: now + QUIET_MS, refilledAtMs: now };
  }

  /**
   * Adds the whole thousandths of a call gained since the last refill; the rest of the time counts the next time. At most one
   * call is saved up, and part of the next, since Slack's burst is spent.
   */
  function refill(limit: RateLimit): RateLimit {
    const since = Math.max(limit.refilledAtMs, limit.pausedUntilMs);
    const gained = Math.floor(Math.max(0, clock.now() - since) * perMs);
    if (gained === 0) return limit;
    const refilledAtMs = since + Math.ceil(gained / perMs);
    return {
      ...limit,
      millitokens: Math.min(2 * MILLITOKENS_PER_CALL - 1, limit.millitokens + gained),
      refilledAtMs,
    };
  }

  const isPaused = (limit: RateLimit) => clock.now() < limit.pausedUntilMs;

  async function enqueue(
    tx: Queryable,
    limit: RateLimit,
    { request, requestId }: { request: PermissionRequest; requestId: string },
  ): Promise<QueueTicket> {
    const { teamId } = limit;
    if (requestId === request.id)
      await saveRequests(tx, [{ request, state: 'waiting', triggerId: undefined, expiresAt: null }]);
    await insertQueued(tx, { requestId, teamId, nowMs: clock.now() });
    const queued = await findQueued(tx, requestId);
    const before = await countQueued(tx, { teamId, before: queued?.seq ?? 0 });
    const pauseLeftMs = Math.max(0, limit.pausedUntilMs - clock.now());
    const waitMs = pauseLeftMs + ((before.waiting + 1) * MILLITOKENS_PER_CALL) / perMs;
    return { requestId, position: before.all + 1, waitMs };
  }

  async function enterLimited(tx: Queryable, request: PermissionRequest): Promise<QueueEntry> {
    const { teamId } = request;
    const found = await findCurrent(tx, teamId);
    if (found === undefined) return { is: 'free' };
    const limit = refill(found);
    const requestId = (await findSameRequest(tx, request)) ?? request.id;
    const queued = await findQueued(tx, requestId);
    if (queued?.calledAtMs !== undefined && !isPaused(limit)) {
      // Its call was counted when it was called. The entry stays until the result is known.
      await markCalled(tx, [requestId], clock.now());
      await markNotified(tx, [requestId], clock.now());
      return { is: 'called', calledRequestId: requestId };
    }
    if (queued === undefined && !isPaused(limit) && limit.millitokens >= MILLITOKENS_PER_CALL) {
      const { waiting } = await countQueued(tx, { teamId });
      if (waiting === 0) {
        await saveRateLimit(tx, { ...limit, millitokens: limit.millitokens - MILLITOKENS_PER_CALL });
        return { is: 'free' };
      }
    }
    return { is: 'waiting', ticket: await enqueue(tx, limit, { request, requestId }) };
  }

  async function callTeam(tx: Queryable, teamId: string): Promise<PermissionRequest[]> {
    const found = await findCurrent(tx, teamId);
    if (found === undefined) return [];
    const now = clock.now();
    await markNotified(tx, notified.get(teamId) ?? [], now);
    await capCalledAt(tx, teamId, now);
    const unnotified = await listUnnotified(tx, { teamId, calledBeforeMs: now - NOTIFY_AGAIN_MS });
    await markCalled(tx, unnotified, now);
    const missed = await deleteMissed(tx, { teamId, calledBeforeMs: now - CALLED_TTL_MS });
    const counted = refill(found);
    // Whoever did not come back has made no call.
    const limit = { ...counted, millitokens: counted.millitokens + missed * MILLITOKENS_PER_CALL };
    const due = isPaused(limit) ? 0 : Math.floor(limit.millitokens / MILLITOKENS_PER_CALL);
    const next = due === 0 ? [] : await listWaiting(tx, { teamId, limit: due });
    await markCalled(tx, next, now);
    const called = await recordCalled(tx, [...unnotified, ...next]);
    const calledIds = new Set(called.map(({ id }) => id));
    const dropped = [...unnotified, ...next].filter((id) => !calledIds.has(id));
    await deleteQueued(tx, dropped);
    const spent = (next.length - dropped.length) * MILLITOKENS_PER_CALL;
    const isQuiet = now >= limit.limitedUntilMs && (await countQueued(tx, { teamId })).all === 0;
    if (isQuiet) await deleteRateLimit(tx, teamId);
    else await saveRateLimit(tx, { ...limit, millitokens: limit.millitokens - spent });
    return called;
  }

  return {
    async enter(request: PermissionRequest): Promise<QueueEntry> {
      if (!limitedTeams.has(request.teamId)) return { is: 'free' };
      return withTeamLock(request.teamId, (tx) => enterLimited(tx, request));
    },

    /**
     * Slack answered this request with 429: nobody calls until the pause is over. A called request keeps its entry; any other
     * waits at the end.
     */
    async recordRateLimit(
      request: PermissionRequest,
      retryAfterMs: number,
      calledRequestId?: string,
    ): Promise<QueueTicket> {
      const { teamId } = request;
      limitedTeams = new Set([...limitedTeams, teamId]);
      return withTeamLock(teamId, async (tx) => {
        const now = clock.now();
        const before = await findCurrent(tx, teamId);
        const pausedUntilMs = Math.max(before?.pausedUntilMs ?? 0, now + retryAfterMs);
        const limit: RateLimit = {
          teamId,
          pausedUntilMs,
          limitedUntilMs: pausedUntilMs + QUIET_MS,
          // `Retry-After` says when Slack accepts the next call.
          millitokens: MILLITOKENS_PER_CALL,
          refilledAtMs: now,
        };
        await saveRateLimit(tx, limit);
        const requestId = calledRequestId ?? (await findSameRequest(tx, request)) ?? request.id;
        return enqueue(tx, limit, { request, requestId });
      });
    },

    /**
     * Calls the requests that are due. `notify` runs for each once that is committed, and again later for those that may not
     * have been notified: the instance died, or did not learn of the commit.
     */
    async callDue(notify: (request: PermissionRequest) => void): Promise<void> {
      const rateLimits = await listRateLimits(database.query);
      limitedTeams = new Set(rateLimits.map(({ teamId }) => teamId));
      const faults: unknown[] = [];
      for (const { teamId } of rateLimits) {
        try {
          const called = await withTeamLock(teamId, (tx) => callTeam(tx, teamId));
          notified.set(
            teamId,
            called.map(({ id }) => id),
          );
          for (const request of called) notify(request);
        } catch (error) {
          // One workspace's fault must not stop the others.
          faults.push(error);
        }
      }
      for (const teamId of notified.keys()) if (!limitedTeams.has(teamId)) notified.delete(teamId);
      if (faults.length > 0) throw faults[0];
    },
  };
}
