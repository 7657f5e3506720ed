import type { Database } from '../database/database';
import type { SkippedUser } from '../permissions/backend';
import { type Clock, toIsoTime } from '../runtime/clock';
import { comparePage, countChanges, type Drift, endUnseen } from './drift';
import type { PageReader } from './page-reader';
import { addSeenUsers, createSeenUsers, listUnseenHolders } from './store';
import { MAX_SKIPPED_LISTED } from './sweep';

/** No sweep has this id: nothing counts as seen by it. */
const NO_SWEEP = -1;
const HOLDER_BATCH_SIZE = 200;

interface DryRunProgress {
  pages: number;
  users: number;
  changes: number;
  skipped: number;
  /** The first `MAX_SKIPPED_LISTED` of them. */
  skippedUsers: SkippedUser[];
}

/**
 * Walks the list as a sweep does and reports what it would repair, page by page; changes nothing. Returns the error of a
 * page that cannot be read.
 */
export async function dryRun(
  teamId: string,
  {
    database,
    pages,
    clock,
    onDrift,
    onProgress,
  }: {
    /** Not the one that `pages` reads from: SQLite has one connection, and the run keeps it to itself. */
    database: Database;
    pages: PageReader;
    clock: Clock;
    onDrift: (drifts: readonly Drift[]) => Promise<void>;
    onProgress: (progress: DryRunProgress) => void;
  },
): Promise<DryRunProgress & { error?: string }> {
  // A temporary table belongs to one connection.
  return database.query.connection().execute(async (db) => {
    await createSeenUsers(db);
    const progress: DryRunProgress = { pages: 0, users: 0, changes: 0, skipped: 0, skippedUsers: [] };
    const report = async (drifts: readonly Drift[]) => {
      progress.changes += countChanges(drifts);
      await onDrift(drifts);
      onProgress(progress);
    };

    let cursor: string | undefined;
    let startedAt: number | undefined;
    do {
      const page = await pages.get(cursor);
      if (page === undefined) return { ...progress, error: 'stopped' };
      if (!page.ok) return { ...progress, error: page.error };
      startedAt ??= page.time;
      const origin = { time: page.time, at: toIsoTime(clock.now()), sweepId: NO_SWEEP };
      const { drifts } = await comparePage(db, { teamId, users: page.users }, origin);
      await addSeenUsers(db, [...page.users, ...page.skipped]);
      progress.pages += 1;
      progress.users += page.users.length;
      progress.skipped += page.skipped.length;
      progress.skippedUsers = [...progress.skippedUsers, ...page.skipped].slice(0, MAX_SKIPPED_LISTED);
      await report(drifts);
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    const sweepStart = { time: startedAt, at: toIsoTime(clock.now()), sweepId: NO_SWEEP };
    let after: string | undefined = '';
    while (after !== undefined) {
      const userIds: string[] = await listUnseenHolders(db, { teamId, after, limit: HOLDER_BATCH_SIZE });
      await report((await endUnseen(db, { teamId, userIds }, sweepStart)).drifts);
      after = userIds.length === HOLDER_BATCH_SIZE ? userIds.at(-1) : undefined;
    }
    return progress;
  });
}
