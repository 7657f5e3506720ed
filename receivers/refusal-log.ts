import { type Clock, isFresh } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';

const LOG_INTERVAL_MS = 60_000;

/**
 * Logs refused requests: at most one line a minute of each kind, with the number since the last line. Anybody can send such
 * requests, and must not be able to fill the log.
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
