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

interface Access {
  /** The workspaces that it concerns: an entry stands in each. */
  teamIds: readonly string[];
  userId: string;
  event: AccessEvent;
  detail?: string | undefined;
}

/** Who came to what admins alone may have, and what they did there. */
export interface AccessLog {
  /** Writes it, unless the same was written within the last minute: whoever tries again and again fills no disk. */
  record(access: Access): Promise<void>;
  list(page: {
    filter: AccessFilter;
    order: 'asc' | 'desc';
    cursor?: number | undefined;
    limit: number;
  }): Promise<AccessEntry[]>;
  /** Deletes what is older. */
  deleteBefore(time: string): Promise<void>;
}

const SAME_WITHIN_MS = 60_000;
const KEPT = 1_000;
/** A transaction each: nobody waits long for it. */
const BATCH = 500;

export function createAccessLog({ database, clock }: { database: Database; clock: Clock }): AccessLog {
  const written = new LRUCache<string, number>({ max: KEPT });

  return {
    async record({ teamIds, userId, event, detail = null }) {
      const now = clock.now();
      const key = JSON.stringify([teamIds, userId, event, detail]);
      if (Math.abs(now - (written.get(key) ?? Number.NEGATIVE_INFINITY)) < SAME_WITHIN_MS) return;
      const entries = teamIds.map((teamId) => ({ at: toIsoTime(now), teamId, userId, event, detail }));
      await database.transact((tx) => insertAccess(tx, entries));
      written.set(key, now);
    },

    list: (page) => listAccess(database.query, page),

    async deleteBefore(before) {
      const deleteBatch = () => database.transact((tx) => deleteAccessBefore(tx, { before, limit: BATCH }));
      while ((await deleteBatch()) === BATCH);
    },
  };
}
