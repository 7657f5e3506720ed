import { toExpiredWhere } from '../slack/errors';
import type { RequestEntry } from './stats-store';

export const endings = ['granted', 'denied', 'unanswered', 'failed'] as const;
/** How a request ended. A partly granted request counts as granted and as denied. */
export type Ending = (typeof endings)[number];

/** The outcomes of requests on one day, UTC. */
export interface DayStats {
  /** Such as `2026-01-31`. */
  day: string;
  endings: Record<Ending, number>;
  /** From the first prompt to the answer, ms. */
  answersMs: number[];
  /** By scope: requests that were shown for the first time, and those that were granted. */
  scopes: Map<string, { asked: number; granted: number }>;
  /** By error: triggers that expired before Slack had shown anything. */
  expiredTriggers: Map<string, number>;
}

export function createDayStats(day: string): DayStats {
  return {
    day,
    endings: { granted: 0, denied: 0, unanswered: 0, failed: 0 },
    answersMs: [],
    scopes: new Map(),
    expiredTriggers: new Map(),
  };
}

export function addEntry(day: DayStats, entry: RequestEntry): void {
  const { event, error, scopes, firstShownAt } = entry;
  const ending = endings.find((name) => name === event);
  if (ending !== undefined) day.endings[ending] += 1;
  if (event === 'failed' && error !== null && toExpiredWhere(error) !== undefined) {
    day.expiredTriggers.set(error, (day.expiredTriggers.get(error) ?? 0) + 1);
  }
  const isAnswer = event === 'granted' || event === 'denied';
  if (isAnswer && firstShownAt !== null) {
    day.answersMs.push(Math.max(0, Date.parse(entry.at) - Date.parse(firstShownAt)));
  }
  const isFirstAsk = event === 'requested' && entry.firstShownSeq === entry.seq;
  if (!isFirstAsk && event !== 'granted') return;
  for (const scope of new Set(scopes)) {
    const counts = day.scopes.get(scope) ?? { asked: 0, granted: 0 };
    if (isFirstAsk) counts.asked += 1;
    else counts.granted += 1;
    day.scopes.set(scope, counts);
  }
}
