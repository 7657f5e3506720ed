import type { Database } from '../database/database';
import { SWEEP_LEASE_MS } from '../database/lease';
import type { Queryable } from '../database/schema';
import { toPageCutoff } from '../grants/grant-state';
import { listHolders, markSeen } from '../grants/store';
import type { ListResult } from '../permissions/backend';
import { type Clock, hasElapsed, toIsoTime } from '../runtime/clock';
import { repeatEvery } from '../runtime/interval';
import { toCause } from '../slack/errors';
import { comparePage, countChanges, endUnseen } from './drift';
import type { PageReader } from './page-reader';
import { repairGrants } from './repair';
import { extendLease, findSweep, type Sweep, saveSweep } from './store';

/** How a sweep ended. */
export type SweepResult =
  | { kind: 'done'; sweep: Sweep }
  /** The next one resumes if Slack could not be reached, and starts over otherwise. */
  | {
      kind: 'failed';
      sweep: Sweep;
      error: string;
      /** What the operator can do about it. */
      advice?: string | undefined;
    }
  /** Another instance is sweeping. */
  | { kind: 'busy'; sweep: Sweep }
  /** This instance is stopping, or another has taken over: the sweep resumes there, or after the next start. */
  | { kind: 'stopped' };

/** A fault of ours ended the sweep, such as a database that cannot be written, and no answer of Slack's. */
export const INTERNAL_ERROR = 'unexpected_error';

const HOLDER_BATCH_SIZE = 200;
/** The first users that were skipped are listed; the others are only counted. */
export const MAX_SKIPPED_LISTED = 10;
/** How often an instance renews its lease of a sweep. */
const HEARTBEAT_MS = 5_000;

/** Another instance has taken the sweep over. */
class LeaseLostError extends Error {}

/**
 * Walks `apps.permissions.users.list` and repairs the store, one transaction a page. The cursor is in the database: after
 * a restart, or in another instance, the sweep resumes there. Users that no page showed lose what they hold when a sweep
 * has reached the end of the list, never earlier.
 */
export async function sweepTeam(
  teamId: string,
  {
    database,
    pages,
    clock,
    owner,
    onProgress,
  }: {
    database: Database;
    pages: PageReader;
    clock: Clock;
    /** Names this instance. */
    owner: string;
    onProgress: (sweep: Sweep) => void;
  },
): Promise<SweepResult> {
  const nowIso = () => toIsoTime(clock.now());
  const newLease = () => ({ owner, leaseUntilMs: clock.now() + SWEEP_LEASE_MS });

  const taken = await database.transactTeams([teamId], async (tx) => {
    const last = await findSweep(tx, teamId);
    if (last !== undefined && isLeased(last, clock.now())) return { isMine: false, sweep: last };
    const next = last !== undefined && canResume(last) ? resume(last) : restart(teamId, last, nowIso());
    const leased: Sweep = { ...next, ...newLease() };
    await saveSweep(tx, leased);
    return { isMine: true, sweep: leased };
  });
  if (!taken.isMine) return { kind: 'busy', sweep: taken.sweep };
  let { sweep } = taken;

  const extend = (db: Queryable) => extendLease(db, { teamId, owner, untilMs: newLease().leaseUntilMs });
  const heartbeat = repeatEvery(HEARTBEAT_MS, clock, () => {
    // The next heartbeat or step makes up for a failed one.
    extend(database.query).catch(() => {});
  });

  /** One transaction with what `write` writes, and where the sweep is afterwards. */
  async function step(write: (tx: Queryable) => Promise<Partial<Sweep>>): Promise<void> {
    sweep = await database.transactTeams([teamId], async (tx) => {
      if (!(await extend(tx))) throw new LeaseLostError();
      const next = { ...sweep, ...newLease(), ...(await write(tx)) };
      await saveSweep(tx, next);
      return next;
    });
    onProgress(sweep);
  }

  function release(last: Partial<Sweep>): Promise<void> {
    heartbeat.cancel();
    return step(async () => ({ ...last, owner: undefined }));
  }

  async function fail(error: string): Promise<SweepResult> {
    await release({ state: 'failed', error, finishedAt: nowIso() });
    return { kind: 'failed', sweep, error };
  }

  const writePage = (page: Extract<ListResult, { ok: true }>) =>
    step(async (tx) => {
      const { sweepId } = sweep;
      const at = nowIso();
      const found = await comparePage(tx, { teamId, users: page.users }, { time: page.time, at, sweepId });
      await repairGrants(tx, found, at);
      await markSeen(tx, { teamId, userIds: found.same, time: toPageCutoff(page.time), sweepId });
      // Nothing new is known of skipped users: what they hold stays, with the cutoffs that it has.
      await markSeen(tx, { teamId, userIds: page.skipped.map(({ userId }) => userId), time: 0, sweepId });
      await page.settle?.(tx);
      return {
        state: page.nextCursor === undefined ? 'ending' : 'walking',
        cursor: page.nextCursor,
        slackStartedAt: sweep.slackStartedAt ?? page.time,
        pages: sweep.pages + 1,
        users: sweep.users + page.users.length,
        changes: sweep.changes + countChanges(found.drifts),
        skipped: sweep.skipped + page.skipped.length,
        skippedUsers: [...sweep.skippedUsers, ...page.skipped].slice(0, MAX_SKIPPED_LISTED),
      };
    });

  /** Ends the grants of users that no page showed, some hundred users at a time. */
  async function endUnseenHolders(): Promise<void> {
    let after: string | undefined = '';
    while (after !== undefined) {
      const page = { teamId, after, limit: HOLDER_BATCH_SIZE, notSeenBy: sweep.sweepId };
      await step(async (tx) => {
        const { sweepId, slackStartedAt: time = 0 } = sweep;
        const at = nowIso();
        const userIds = await listHolders(tx, page);
        const found = await endUnseen(tx, { teamId, userIds }, { time, at, sweepId });
        await repairGrants(tx, found, at);
        after = userIds.length === HOLDER_BATCH_SIZE ? userIds.at(-1) : undefined;
        return { changes: sweep.changes + countChanges(found.drifts) };
      });
    }
  }

  async function walk(): Promise<SweepResult> {
    let mayStartOver = true;
    while (sweep.state === 'walking') {
      const { cursor } = sweep;
      const page = await pages.get(cursor);
      if (page === undefined) {
        await release({});
        return { kind: 'stopped' };
      }
      if (page.ok && page.nextCursor !== undefined && page.nextCursor === cursor)
        return fail('malformed_page: its next_cursor is its own');
      if (page.ok) await writePage(page);
      else if (page.error === 'invalid_cursor' && cursor !== undefined && mayStartOver) {
        mayStartOver = false;
        await step(async () => restart(teamId, sweep, nowIso()));
      } else return fail(page.error);
    }
    await endUnseenHolders();
    await release({ state: 'done', error: undefined, finishedAt: nowIso() });
    return { kind: 'done', sweep };
  }

  try {
    return await walk();
  } catch (error) {
    if (error instanceof LeaseLostError) return { kind: 'stopped' };
    // No other instance resumes a leased sweep. Where this cannot be written either, the lease runs out.
    await fail(INTERNAL_ERROR).catch(() => undefined);
    throw error;
  } finally {
    heartbeat.cancel();
  }
}

/** Whether an instance is sweeping now. */
export function isLeased(sweep: Sweep | undefined, nowMs: number): boolean {
  return sweep?.owner !== undefined && !hasElapsed(sweep.leaseUntilMs, nowMs, SWEEP_LEASE_MS);
}

/** False after an error of Slack's: the pages that were read before may be wrong too. */
function canResume({ state, error }: Sweep): boolean {
  if (state !== 'failed') return state !== 'done';
  return error !== undefined && (error === INTERNAL_ERROR || toCause(error) === 'unreachable');
}

/** From where it was left: by a restart, another instance that died, or a fault. */
function resume(last: Sweep): Sweep {
  return {
    ...last,
    state: last.state === 'failed' ? 'walking' : last.state,
    finishedAt: undefined,
    error: undefined,
  };
}

/** From the first page. The caller adds the lease. */
function restart(
  teamId: string,
  last: Sweep | undefined,
  startedAt: string,
): Omit<Sweep, 'owner' | 'leaseUntilMs'> {
  return {
    teamId,
    sweepId: (last?.sweepId ?? 0) + 1,
    state: 'walking',
    cursor: undefined,
    slackStartedAt: undefined,
    startedAt,
    finishedAt: undefined,
    pages: 0,
    users: 0,
    changes: 0,
    lastUsers: last?.state === 'done' ? last.users : last?.lastUsers,
    skipped: 0,
    skippedUsers: [],
    error: undefined,
  };
}
