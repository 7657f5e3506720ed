import { setImmediate as turn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, hasElapsed, toIsoTime } from '../runtime/clock';
import { addEntry, createDayStats, type DayStats } from './day-stats';
import { findLastSeqBefore, isPastDay, listRequestEntries } from './stats-store';

/** What became of requests, day by day. */
export interface DailyStats {
  /** So many days up to today (UTC), oldest first. */
  list(teamIds: readonly string[], days: number): Promise<DayStats[]>;
}

const DAY_MS = 24 * 60 * 60_000;
/** A page of entries blocks the event loop for some milliseconds, not more. */
const PAGE_SIZE = 500;
/** Days that are over do not change, but for what is deleted by age; today does. */
const CACHED_MS = 60 * 60_000;
const TODAY_CACHED_MS = 10_000;
const MAX_CACHED_DAYS = 2_000;

export function createDailyStats({ database, clock }: { database: Database; clock: Clock }): DailyStats {
  const cache = new LRUCache<string, { until: number; dayStats: Promise<DayStats> }>({
    max: MAX_CACHED_DAYS,
  });

  async function read(teamIds: readonly string[], since: string, until: string): Promise<DayStats> {
    const day = createDayStats(since.slice(0, 10));
    let after = await findLastSeqBefore(database.query, since);
    for (;;) {
      const page = await listRequestEntries(database.query, { teamIds, after, limit: PAGE_SIZE });
      for (const entry of page.entries) if (entry.at >= since && entry.at < until) addEntry(day, entry);
      if (page.last === undefined || isPastDay(page.last.at, until)) return day;
      after = page.last.seq;
      // Slack's requests come first.
      await turn();
    }
  }

  function find(teamIds: readonly string[], sinceMs: number): Promise<DayStats> {
    const now = clock.now();
    const since = toIsoTime(sinceMs);
    const key = `${since} ${teamIds.join(' ')}`;
    const known = cache.get(key);
    if (known !== undefined && !hasElapsed(known.until, now, CACHED_MS)) return known.dayStats;
    const hasEnded = sinceMs + DAY_MS + TODAY_CACHED_MS <= now;
    const dayStats = read(teamIds, since, toIsoTime(sinceMs + DAY_MS));
    cache.set(key, { until: now + (hasEnded ? CACHED_MS : TODAY_CACHED_MS), dayStats });
    dayStats.catch(() => cache.delete(key));
    return dayStats;
  }

  return {
    async list(teamIds, days) {
      const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
      const stats: DayStats[] = [];
      for (let daysAgo = days - 1; daysAgo >= 0; daysAgo -= 1) {
        stats.push(await find(teamIds, today - daysAgo * DAY_MS));
      }
      return stats;
    },
  };
}
