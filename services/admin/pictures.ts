import { setImmediate as turn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, isOver, toIsoTime } from '../runtime/clock';
import { addEntry, createDay, type DayPicture } from './day-picture';
import { findSeqBefore, isPastDay, listAskedEntries } from './picture-store';

/** What became of requests, day by day. */
export interface Pictures {
  /** So many days up to today (UTC), oldest first. */
  list(teamIds: readonly string[], days: number): Promise<DayPicture[]>;
}

const DAY_MS = 24 * 60 * 60_000;
/** A page of entries blocks the event loop for some milliseconds, not more. */
const ENTRIES_AT_ONCE = 500;
/** Days that are over do not change, but for what is deleted by age; today does. */
const CACHED_MS = 60 * 60_000;
const TODAY_CACHED_MS = 10_000;
const CACHED_DAYS = 2_000;

export function createPictures({ database, clock }: { database: Database; clock: Clock }): Pictures {
  const cache = new LRUCache<string, { until: number; picture: Promise<DayPicture> }>({ max: CACHED_DAYS });

  async function read(teamIds: readonly string[], since: string, until: string): Promise<DayPicture> {
    const day = createDay(since.slice(0, 10));
    let after = await findSeqBefore(database.query, since);
    for (;;) {
      const page = await listAskedEntries(database.query, { teamIds, after, limit: ENTRIES_AT_ONCE });
      for (const entry of page.entries) if (entry.at >= since && entry.at < until) addEntry(day, entry);
      if (page.last === undefined || isPastDay(page.last.at, until)) return day;
      after = page.last.seq;
      // Slack's requests come first.
      await turn();
    }
  }

  function find(teamIds: readonly string[], sinceMs: number): Promise<DayPicture> {
    const now = clock.now();
    const since = toIsoTime(sinceMs);
    const key = `${since} ${teamIds.join(' ')}`;
    const known = cache.get(key);
    if (known !== undefined && !isOver(known.until, now, CACHED_MS)) return known.picture;
    const hasEnded = sinceMs + DAY_MS + TODAY_CACHED_MS <= now;
    const picture = read(teamIds, since, toIsoTime(sinceMs + DAY_MS));
    cache.set(key, { until: now + (hasEnded ? CACHED_MS : TODAY_CACHED_MS), picture });
    picture.catch(() => cache.delete(key));
    return picture;
  }

  return {
    async list(teamIds, days) {
      const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
      const pictures: DayPicture[] = [];
      for (let ago = days - 1; ago >= 0; ago -= 1) {
        pictures.push(await find(teamIds, today - ago * DAY_MS));
      }
      return pictures;
    },
  };
}
