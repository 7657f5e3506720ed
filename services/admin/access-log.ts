import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, toIsoTime } from '../runtime/clock';
import {
  type AccessEntry,
  type AccessEvent,
  type AccessFilter,
  deleteAccessBefore,
  insertAccess,
  listAccess,
} from './access-store';

interface NewAccessEntry {
  /** The workspaces that it concerns: an entry stands in each. */
  teamIds: readonly string[];
  userId: string;
  event: AccessEvent;
  detail?: string | undefined;
}

/** Who came to what admins alone may have, and what they did there. */
export interface AccessLog {
  /** Writes it, unless the same was written within the last minute: whoever tries again and again fills no disk. */
  record(access: NewAccessEntry): Promise<void>;
  list(page: {
    filter: AccessFilter;
    order: 'asc' | 'desc';
    cursor?: number | undefined;
    limit: number;
  }): Promise<AccessEntry[]>;
  /** Deletes what is older. */
  deleteBefore(time: string): Promise<void>;
}

const DEDUPE_WINDOW_MS = 60_000;
const MAX_REMEMBERED = 1_000;
/** A transaction each: nobody waits long for it. */
const DELETE_BATCH_SIZE = 500;

export function createAccessLog({ database, clock }: { database: Database; clock: Clock }): AccessLog {
  const recent = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  return {
    async record({ teamIds, userId, event, detail = null }) {
      const now = clock.now();
      const key = JSON.stringify([teamIds, userId, event, detail]);
      if (Math.abs(now - (recent.get(key) ?? Number.NEGATIVE_INFINITY)) < DEDUPE_WINDOW_MS) return;
      const entries = teamIds.map((teamId) => ({ at: toIsoTime(now), teamId, userId, event, detail }));
      await database.transact((tx) => insertAccess(tx, entries));
      recent.set(key, now);
    },

    list: (page) => listAccess(database.query, page),

    async deleteBefore(before) {
      const deleteBatch = () =>
        database.transact((tx) => deleteAccessBefore(tx, { before, limit: DELETE_BATCH_SIZE }));
      while ((await deleteBatch()) === DELETE_BATCH_SIZE);
    },
  };
}
