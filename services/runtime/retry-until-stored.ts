import { toBackoffMs } from './backoff';
import type { Clock } from './clock';
import type { Logger } from './logger';
import { withTimeout } from './with-timeout';

const BACKOFF = { firstMs: 500, longestMs: 15_000 };

export type StoreRetrier = ReturnType<typeof createStoreRetrier>;

/** Stores what only this process knows, such as the answer to a code that is good once. */
export function createStoreRetrier({
  isTransient,
  clock,
  logger,
}: {
  /** Whether the same write may succeed later. */
  isTransient: (error: unknown) => boolean;
  clock: Clock;
  logger: Logger;
}) {
  let isStopped = false;
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });

  return {
    /** Retries while the database is away, for `timeoutMs` at most; then throws what the last try threw. */
    async retry<T>(write: () => Promise<T>, timeoutMs: number): Promise<T> {
      // Counts the waits, so that setting the clock meanwhile changes nothing.
      let remainingMs = timeoutMs;
      for (let failures = 1; ; failures += 1) {
        try {
          return await write();
        } catch (error) {
          const waitMs = toBackoffMs(failures, BACKOFF);
          if (remainingMs < waitMs || isStopped || !isTransient(error)) throw error;
          logger.warn({ err: error }, 'answer not stored yet: will retry');
          remainingMs -= waitMs;
          await withTimeout(stopped, waitMs, clock);
        }
      }
    },
    /** The app stops: nothing is retried from now on, and waits end. */
    stop(): void {
      isStopped = true;
      stop();
    },
  };
}
