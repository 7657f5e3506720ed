import { type Clock, isFresh } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';

const LOG_INTERVAL_MS = 60_000;

/**
 * Tells of requests that were refused: of each kind one line a minute at most, with how many came since the last one. Anybody
 * can send what is refused, and nobody is to fill the log.
 */
export function createRefusalLog({ clock, logger }: { clock: Clock; logger: Logger }) {
  const counts = new Map<string, { at: number; since: number }>();

  return (status: number, sentence: string): void => {
    const last = counts.get(sentence);
    if (last !== undefined && isFresh(last.at, clock.now(), LOG_INTERVAL_MS)) {
      last.since += 1;
      return;
    }
    counts.set(sentence, { at: clock.now(), since: 0 });
    logger.warn({ status, sentence, ...(last?.since && { since_last_line: last.since }) }, 'request refused');
  };
}
