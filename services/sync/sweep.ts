import type { Database } from '../database/database';
import { toPageCutoff } from '../grants/grant-state';
import { listHolders, markSeen } from '../grants/store';
import type { ListResult } from '../permissions/backend';
import { type Clock, toIsoTime } from '../runtime/clock';
import { comparePage, endUnseen } from './drift';
import { type LeasedSweep, leaseSweep } from './leased-sweep';
import type { PageReader } from './page-reader';
import { repairGrants } from './repair';
import type { Sweep } from './store';
import { INTERNAL_ERROR } from './sweep-state';

/** How a sweep ended. */
export type SweepResult =
  | { kind: 'done'; sweep: Sweep }
  /** The next one goes on from its place if it was the way to Slack that failed, and starts over otherwise. */
  | {
      kind: 'failed';
      sweep: Sweep;
      error: string;
      /** What whoever runs the app can do about it. */
      advice?: string | undefined;
    }
  /** Another instance is at it. */
  | { kind: 'busy'; sweep: Sweep }
  /** This instance is stopping, or another has taken over: it goes on there, or after the next start. */
  | { kind: 'stopped' };

const HOLDER_BATCH_SIZE = 200;
/** So many of those that were skipped are named; the others are counted. */
export const MAX_SKIPPED_LISTED = 10;

/**
 * Walks `apps.permissions.users.list` and mends the store, a transaction a page. Its place is in the database: after a
 * restart, or in another instance, it goes on from there. Users that no page showed lose what they hold at the end of a
 * sweep that reached the end, never earlier.
 */
export async function sweepTeam(
  teamId: string,
  {
    pages,
    clock,
    ...parts
  }: {
    database: Database;
    pages: PageReader;
    clock: Clock;
    /** Names this instance. */
    owner: string;
    onProgress: (sweep: Sweep) => void;
  },
): Promise<SweepResult> {
  const taken = await leaseSweep(teamId, { clock, ...parts });
  if (!taken.isMine) return { kind: 'busy', sweep: taken.sweep };
  const { held: leased } = taken;

  async function end(state: 'done' | 'failed', error?: string): Promise<SweepResult> {
    const isMine = await leased.end({ state, error, finishedAt: toIsoTime(clock.now()) });
    if (!isMine) return { kind: 'stopped' };
    return error === undefined
      ? { kind: 'done', sweep: leased.now() }
      : { kind: 'failed', sweep: leased.now(), error };
  }

  try {
    return await walk(leased, { pages, clock, end });
  } catch (error) {
    // Nobody else goes on with a sweep that is still held. Where even this cannot be written, its lease runs out.
    await end('failed', INTERNAL_ERROR).catch(() => undefined);
    throw error;
  } finally {
    leased.letGo();
  }
}

async function walk(
  leased: LeasedSweep,
  {
    pages,
    clock,
    end,
  }: {
    pages: PageReader;
    clock: Clock;
    end: (state: 'done' | 'failed', error?: string) => Promise<SweepResult>;
  },
): Promise<SweepResult> {
  let mayStartOver = true;
  while (leased.now().state === 'walking') {
    const { cursor } = leased.now();
    const page = await pages.get(cursor);
    if (page === undefined) {
      await leased.end({});
      return { kind: 'stopped' };
    }
    if (page.ok && page.nextCursor !== undefined && page.nextCursor === cursor) {
      return end('failed', 'malformed_page: its next_cursor is its own');
    }
    const isStale = !page.ok && page.error === 'invalid_cursor' && cursor !== undefined && mayStartOver;
    if (!page.ok && !isStale) return end('failed', page.error);
    if (isStale) mayStartOver = false;
    const isMine = page.ok ? await writePage(leased, page, clock) : await leased.startOver();
    if (!isMine) return { kind: 'stopped' };
  }
  return (await writeUnseen(leased, clock)) ? end('done') : { kind: 'stopped' };
}

/** One page, one transaction. */
function writePage(
  leased: LeasedSweep,
  page: Extract<ListResult, { ok: true }>,
  clock: Clock,
): Promise<boolean> {
  return leased.step(async (tx, sweep) => {
    const { teamId, sweepId } = sweep;
    const at = toIsoTime(clock.now());
    const found = await comparePage(tx, { teamId, users: page.users }, { time: page.time, at, sweepId });
    await repairGrants(tx, found, at);
    await markSeen(tx, { teamId, userIds: found.same, time: toPageCutoff(page.time), sweepId });
    // Nothing new is known of them: what they hold stays, with the marks that it has.
    await markSeen(tx, { teamId, userIds: page.skipped.map(({ userId }) => userId), time: 0, sweepId });
    await page.settle?.(tx);
    return {
      ...sweep,
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
}

/** Whom no page showed, some hundred at a time. */
async function writeUnseen(leased: LeasedSweep, clock: Clock): Promise<boolean> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const before: string = after;
    const isMine = await leased.step(async (tx, sweep) => {
      const { teamId, sweepId, slackStartedAt: time = 0 } = sweep;
      const at = toIsoTime(clock.now());
      const userIds = await listHolders(tx, {
        teamId,
        after: before,
        limit: HOLDER_BATCH_SIZE,
        notSeenBy: sweepId,
      });
      const found = await endUnseen(tx, { teamId, userIds }, { time, at, sweepId });
      await repairGrants(tx, found, at);
      after = userIds.length === HOLDER_BATCH_SIZE ? userIds.at(-1) : undefined;
      return { ...sweep, changes: sweep.changes + countChanges(found.drifts) };
    });
    if (!isMine) return false;
  }
  return true;
}

function countChanges(drifts: readonly { added: string[]; removed: string[] }[]): number {
  return drifts.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0);
}
