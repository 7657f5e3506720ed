import type { Database } from '../../database/database';
import type { Background } from '../../runtime/background';
import type { Clock, Timer } from '../../runtime/clock';
import { repeatEvery } from '../../runtime/interval';
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

  const poll = background.coalesce('tail of the log', async () => {
    const now = await listHeads(database.query);
    const hasGrown = heads === undefined || [...now].some(([teamId, seq]) => heads?.get(teamId) !== seq);
    heads = now;
    if (hasGrown) for (const subscriber of subscribers) subscriber(now);
  });

  return {
    /** Calls `onHeads` within half a second, then whenever the heads have changed. */
    subscribe(onHeads: (heads: HeadSeqs) => void): { stop(): void } {
      subscribers.add(onHeads);
      if (subscribers.size === 1) {
        heads = undefined;
        timer = repeatEvery(POLL_INTERVAL_MS, clock, poll);
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
