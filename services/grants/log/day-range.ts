import { toIsoTime } from '../../runtime/clock';
import type { LogFilter } from './entry';

export const dayRanges = ['today', 'yesterday', 'week'] as const;
/** Whole days in the asker's time zone; a week is today and the six days before. */
export type DayRange = (typeof dayRanges)[number];

const DAY_MS = 24 * 60 * 60_000;

/** The range in UTC, for clocks that are ahead of UTC by `utcOffsetMs`. */
export function toTimeRange(
  range: DayRange,
  nowMs: number,
  utcOffsetMs: number,
): Pick<LogFilter, 'since' | 'until'> {
  const today = Math.floor((nowMs + utcOffsetMs) / DAY_MS) * DAY_MS - utcOffsetMs;
  if (range === 'today') return { since: toIsoTime(today) };
  if (range === 'week') return { since: toIsoTime(today - 6 * DAY_MS) };
  return { since: toIsoTime(today - DAY_MS), until: toIsoTime(today) };
}
