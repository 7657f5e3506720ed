import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, isFresh, toIsoTime } from '../runtime/clock';
import {
  type AccessEntry,
  type AccessQuery,
  deleteAccessBefore,
  insertAccess,
  listAccess,
} from './access-store';

/** An access, recorded once in each of the workspaces that it concerns. */
interface Access extends Pick<AccessEntry, 'userId' | 'event'> {
  teamIds: readonly string[];
  detail?: string | null | undefined;
}

const DEDUPE_WINDOW_MS = 60_000;
const MAX_REMEMBERED = 1_000;
/** Per transaction: a long one would delay events. */
const DELETE_BATCH_SIZE = 500;

export type AccessLog = ReturnType<typeof createAccessLog>;

/** Records who reached what only admins may see, and what they did there. */
export function createAccessLog({ database, clock }: { database: Database; clock: Clock }) {
  const recent = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  return {
    /** Skips what was recorded within the last minute already, so that repeated attempts cannot fill the disk. */
    async record({ teamIds, userId, event, detail = null }: Access): Promise<void> {
      const now = clock.now();
      const key = JSON.stringify([teamIds, userId, event, detail]);
      const recordedAt = recent.get(key);
      if (recordedAt !== undefined && isFresh(recordedAt, now, DEDUPE_WINDOW_MS)) return;
      const entries = teamIds.map((teamId) => ({ at: toIsoTime(now), teamId, userId, event, detail }));
      await database.transact((tx) => insertAccess(tx, entries));
      recent.set(key, now);
    },

    list: (page: AccessQuery): Promise<AccessEntry[]> => listAccess(database.query, page),

    async deleteBefore(before: string): Promise<void> {
      const page = { before, limit: DELETE_BATCH_SIZE };
      while ((await database.transact((tx) => deleteAccessBefore(tx, page))) === DELETE_BATCH_SIZE);
    },
  };
}
