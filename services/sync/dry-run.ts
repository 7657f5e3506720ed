import type { Database } from '../database/database';
import type { SkippedUser } from '../permissions/backend';
import { type Clock, toIsoTime } from '../runtime/clock';
import { comparePage, type Drift, endUnseen } from './drift';
import type { PageReader } from './page-reader';
import { addSeenUsers, createSeenUsers, listUnseenHolders } from './store';
import { MAX_SKIPPED_LISTED } from './sweep';

/** No sweep has this number: nothing counts as seen by it. */
const NO_SWEEP = -1;
const HOLDER_BATCH_SIZE = 200;

/** What a dry run tells as it goes. */
export interface DryRunProgress {
  pages: number;
  users: number;
  changes: number;
  skipped: number;
  /** The first of them. */
  skippedUsers: SkippedUser[];
}

/**
 * Walks the list as a sweep does and tells what it would mend, page by page; changes nothing. Throws nothing that a
 * sweep would not: ends with the error of the page that could not be had.
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
    /** Not the one that `pages` reads: of SQLite's there is one connection, and the run has it to itself. */
    database: Database;
    pages: PageReader;
    clock: Clock;
    onDrift: (drifts: readonly Drift[]) => Promise<void>;
    onProgress: (progress: DryRunProgress) => void;
  },
): Promise<DryRunProgress & { error?: string }> {
  // One connection throughout: whom it saw is kept in a temporary table, which others cannot see.
  return database.query.connection().execute(async (db) => {
    await createSeenUsers(db);
    const progress: DryRunProgress = { pages: 0, users: 0, changes: 0, skipped: 0, skippedUsers: [] };
    const tell = async (drifts: readonly Drift[]) => {
      progress.changes += drifts.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0);
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
      await addSeenUsers(
        db,
        [...page.users, ...page.skipped].map(({ userId }) => userId),
      );
      progress.pages += 1;
      progress.users += page.users.length;
      progress.skipped += page.skipped.length;
      progress.skippedUsers = [...progress.skippedUsers, ...page.skipped].slice(0, MAX_SKIPPED_LISTED);
      await tell(drifts);
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    const sweepStart = { time: startedAt, at: toIsoTime(clock.now()), sweepId: NO_SWEEP };
    let after: string | undefined = '';
    while (after !== undefined) {
      const userIds: string[] = await listUnseenHolders(db, { teamId, after, limit: HOLDER_BATCH_SIZE });
      await tell((await endUnseen(db, { teamId, userIds }, sweepStart)).drifts);
      after = userIds.length === HOLDER_BATCH_SIZE ? userIds.at(-1) : undefined;
    }
    return progress;
  });
}
