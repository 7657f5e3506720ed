import { setImmediate as turn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, hasElapsed, toIsoTime } from '../runtime/clock';
import { addEntry, createDayStats, type DayStats } from './day-stats';
import { findLastSeqBefore, listRequestEntries } from './stats-store';

const DAY_MS = 24 * 60 * 60_000;
/** A page of entries blocks the event loop for a few milliseconds. */
const PAGE_SIZE = 500;
/** A day that is over changes only by retention; today changes all the time. */
const CACHED_MS = 60 * 60_000;
const TODAY_CACHED_MS = 10_000;
const MAX_CACHED_DAYS = 2_000;
/** How far the clocks of instances may differ: entries are not quite in the order of their times. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Reads the outcomes of requests, day by day. */
export function createDailyStats({ database, clock }: { database: Database; clock: Clock }) {
  const cache = new LRUCache<string, { until: number; stats: Promise<DayStats> }>({ max: MAX_CACHED_DAYS });

  async function read(teamIds: readonly string[], sinceMs: number): Promise<DayStats> {
    const since = toIsoTime(sinceMs);
    const until = toIsoTime(sinceMs + DAY_MS);
    const stats = createDayStats(since.slice(0, 10));
    let after = await findLastSeqBefore(database.query, since);
    for (;;) {
      const { entries, last } = await listRequestEntries(database.query, {
        teamIds,
        after,
        limit: PAGE_SIZE,
      });
      for (const entry of entries) if (entry.at >= since && entry.at < until) addEntry(stats, entry);
      if (last === undefined || Date.parse(last.at) > sinceMs + DAY_MS + CLOCK_TOLERANCE_MS) return stats;
      after = last.seq;
      // Slack's requests come first.
      await turn();
    }
  }

  function find(teamIds: readonly string[], sinceMs: number): Promise<DayStats> {
    const now = clock.now();
    const key = `${sinceMs} ${teamIds.join(' ')}`;
    const cached = cache.get(key);
    if (cached !== undefined && !hasElapsed(cached.until, now, CACHED_MS)) return cached.stats;
    const hasEnded = sinceMs + DAY_MS + TODAY_CACHED_MS <= now;
    const stats = read(teamIds, sinceMs);
    cache.set(key, { until: now + (hasEnded ? CACHED_MS : TODAY_CACHED_MS), stats });
    stats.catch(() => cache.delete(key));
    return stats;
  }

  return {
    /** The last `days` days up to today (UTC), oldest first. */
    async list(teamIds: readonly string[], days: number): Promise<DayStats[]> {
      const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
      const stats: DayStats[] = [];
      for (let daysAgo = days - 1; daysAgo >= 0; daysAgo -= 1) {
        stats.push(await find(teamIds, today - daysAgo * DAY_MS));
      }
      return stats;
    },
  };
}
