import type { Database } from '../../database/database';
import type { Background } from '../../runtime/background';
import type { Clock, Timer } from '../../runtime/clock';
import { type HeadSeqs, listHeads } from './chain-store';

/** New entries must be visible within a second; the database is polled only while somebody watches. */
const POLL_INTERVAL_MS = 500;

export type Tail = ReturnType<typeof createTail>;

/** Reports when the log has grown, whichever instance wrote. */
export function createTail(parts: { database: Database; clock: Clock; background: Background }) {
  const { database, clock, background } = parts;
  const subscribers = new Set<(heads: HeadSeqs) => void>();
  let heads: HeadSeqs | undefined;
  let timer: Timer | undefined;
  let isPolling = false;

  async function poll(): Promise<void> {
    const now = await listHeads(database.query);
    const hasGrown = heads === undefined || [...now].some(([teamId, seq]) => heads?.get(teamId) !== seq);
    heads = now;
    if (hasGrown) for (const subscriber of subscribers) subscriber(now);
  }

  function schedulePoll(): void {
    timer = clock.setTimeout(() => {
      if (subscribers.size === 0) return;
      if (!isPolling) {
        isPolling = true;
        background.run('tail of the log', () =>
          poll().finally(() => {
            isPolling = false;
          }),
        );
      }
      schedulePoll();
    }, POLL_INTERVAL_MS);
  }

  return {
    /** Calls `onHeads` within half a second, then whenever the heads have changed. */
    subscribe(onHeads: (heads: HeadSeqs) => void): { stop(): void } {
      subscribers.add(onHeads);
      if (subscribers.size === 1) {
        heads = undefined;
        schedulePoll();
      }
      if (heads !== undefined) onHeads(heads);
      return {
        stop() {
          subscribers.delete(onHeads);
          if (subscribers.size === 0) timer?.cancel();
        },
      };
    },
  };
}
