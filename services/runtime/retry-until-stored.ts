import type { Clock } from './clock';
import type { Logger } from './logger';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Writes what only this process knows, such as what came for a code that is good once. */
export interface Storing {
  /** Tries again while the database is away, for as long as told; then it throws what the last try threw. */
  store<T>(write: () => Promise<T>, patienceMs: number): Promise<T>;
  /** From now on nothing is tried twice: the app stops. */
  stop(): void;
}

export function createStoring({ clock, logger }: { clock: Clock; logger: Logger }): Storing {
  const stopping = new AbortController();

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, ms);
      stopping.signal.addEventListener('abort', () => {
        timer.cancel();
        resolve();
      });
    });
  }

  return {
    async store(write, patienceMs) {
      // Reckoned by what was waited: a clock that is set meanwhile changes nothing.
      let leftMs = patienceMs;
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
        try {
          return await write();
        } catch (error) {
          if (leftMs < waitMs || stopping.signal.aborted) throw error;
          logger.warn({ err: error }, 'an answer could not be stored yet');
          leftMs -= waitMs;
          await pause(waitMs);
        }
      }
    },
    stop: () => stopping.abort(),
  };
}
