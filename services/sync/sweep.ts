import type { Database } from '../database/database';
import { toPageMark } from '../grants/grant-state';
import { listHolders, markSeen } from '../grants/store';
import type { ListResult } from '../permissions/backend';
import { type Clock, toIsoTime } from '../runtime/clock';
import { comparePage, endUnseen } from './drift';
import { type HeldSweep, holdSweep } from './held-sweep';
import { mend } from './mend';
import type { Pages } from './pages';
import { OWN_FAULT } from './place';
import type { Sweep } from './store';

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

const HOLDERS_AT_ONCE = 200;
/** So many of those that were skipped are named; the others are counted. */
export const SKIPPED_NAMED = 10;

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
    pages: Pages;
    clock: Clock;
    /** Names this instance. */
    owner: string;
    onProgress: (sweep: Sweep) => void;
  },
): Promise<SweepResult> {
  const taken = await holdSweep(teamId, { clock, ...parts });
  if (!taken.isMine) return { kind: 'busy', sweep: taken.sweep };
  const { held } = taken;

  async function end(state: 'done' | 'failed', error?: string): Promise<SweepResult> {
    const isMine = await held.end({ state, error, finishedAt: toIsoTime(clock.now()) });
    if (!isMine) return { kind: 'stopped' };
    return error === undefined
      ? { kind: 'done', sweep: held.now() }
      : { kind: 'failed', sweep: held.now(), error };
  }

  try {
    return await walk(held, { pages, clock, end });
  } catch (error) {
    // Nobody else goes on with a sweep that is still held. Where even this cannot be written, its lease runs out.
    await end('failed', OWN_FAULT).catch(() => undefined);
    throw error;
  } finally {
    held.letGo();
  }
}

async function walk(
  held: HeldSweep,
  {
    pages,
    clock,
    end,
  }: { pages: Pages; clock: Clock; end: (state: 'done' | 'failed', error?: string) => Promise<SweepResult> },
): Promise<SweepResult> {
  let mayStartOver = true;
  while (held.now().state === 'walking') {
    const { cursor } = held.now();
    const page = await pages.get(cursor);
    if (page === undefined) {
      await held.end({});
      return { kind: 'stopped' };
    }
    if (page.ok && page.nextCursor !== undefined && page.nextCursor === cursor) {
      return end('failed', 'malformed_page: its next_cursor is its own');
    }
    const isStale = !page.ok && page.error === 'invalid_cursor' && cursor !== undefined && mayStartOver;
    if (!page.ok && !isStale) return end('failed', page.error);
    if (isStale) mayStartOver = false;
    const isMine = page.ok ? await writePage(held, page, clock) : await held.startOver();
    if (!isMine) return { kind: 'stopped' };
  }
  return (await writeUnseen(held, clock)) ? end('done') : { kind: 'stopped' };
}

/** One page, one transaction. */
function writePage(held: HeldSweep, page: Extract<ListResult, { ok: true }>, clock: Clock): Promise<boolean> {
  return held.step(async (tx, sweep) => {
    const { teamId, sweepId } = sweep;
    const at = toIsoTime(clock.now());
    const found = await comparePage(tx, { teamId, users: page.users }, { time: page.time, at, sweepId });
    await mend(tx, found, at);
    await markSeen(tx, { teamId, userIds: found.same, time: toPageMark(page.time), sweepId });
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
      skippedUsers: [...sweep.skippedUsers, ...page.skipped].slice(0, SKIPPED_NAMED),
    };
  });
}

/** Whom no page showed, some hundred at a time. */
async function writeUnseen(held: HeldSweep, clock: Clock): Promise<boolean> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const before: string = after;
    const isMine = await held.step(async (tx, sweep) => {
      const { teamId, sweepId, slackStartedAt: time = 0 } = sweep;
      const at = toIsoTime(clock.now());
      const userIds = await listHolders(tx, {
        teamId,
        after: before,
        limit: HOLDERS_AT_ONCE,
        notSeenBy: sweepId,
      });
      const found = await endUnseen(tx, { teamId, userIds }, { time, at, sweepId });
      await mend(tx, found, at);
      after = userIds.length === HOLDERS_AT_ONCE ? userIds.at(-1) : undefined;
      return { ...sweep, changes: sweep.changes + countChanges(found.drifts) };
    });
    if (!isMine) return false;
  }
  return true;
}

function countChanges(drifts: readonly { added: string[]; removed: string[] }[]): number {
  return drifts.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0);
}
