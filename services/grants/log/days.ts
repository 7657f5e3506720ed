import { toIsoTime } from '../../runtime/clock';
import type { LogFilter } from './entry';

export const days = ['today', 'yesterday', 'week'] as const;
/** Whole days, as whoever asks counts them; a week is the last seven, today among them. */
export type Span = (typeof days)[number];

const DAY_MS = 24 * 60 * 60_000;

/** From when to when that is, where clocks are ahead of UTC by `utcOffsetMs`. */
export function toTimes(span: Span, nowMs: number, utcOffsetMs: number): Pick<LogFilter, 'since' | 'until'> {
  const today = Math.floor((nowMs + utcOffsetMs) / DAY_MS) * DAY_MS - utcOffsetMs;
  if (span === 'today') return { since: toIsoTime(today) };
  if (span === 'week') return { since: toIsoTime(today - 6 * DAY_MS) };
  return { since: toIsoTime(today - DAY_MS), until: toIsoTime(today) };
}
