import type { Database } from '../../database/database';
import type { Background } from '../../runtime/background';
import type { Clock, Timer } from '../../runtime/clock';
import { type Heads, listHeads } from './chain-store';

/** New entries must be visible within a second; the database is polled only while somebody watches. */
const LOOK_INTERVAL_MS = 500;

export type Tail = ReturnType<typeof createTail>;

/** Reports when the log has grown, whichever instance wrote. */
export function createTail(parts: { database: Database; clock: Clock; background: Background }) {
  const { database, clock, background } = parts;
  const watchers = new Set<(heads: Heads) => void>();
  let heads: Heads | undefined;
  let timer: Timer | undefined;
  let isLooking = false;

  async function look(): Promise<void> {
    const now = await listHeads(database.query);
    const hasGrown = heads === undefined || [...now].some(([teamId, seq]) => heads?.get(teamId) !== seq);
    heads = now;
    if (hasGrown) for (const watcher of watchers) watcher(now);
  }

  function lookAgain(): void {
    timer = clock.setTimeout(() => {
      if (watchers.size === 0) return;
      if (!isLooking) {
        isLooking = true;
        background.run('tail of the log', () =>
          look().finally(() => {
            isLooking = false;
          }),
        );
      }
      lookAgain();
    }, LOOK_INTERVAL_MS);
  }

  return {
    /** Calls `onHeads` within half a second, then whenever the heads have changed. */
    watch(onHeads: (heads: Heads) => void): { stop(): void } {
      watchers.add(onHeads);
      if (watchers.size === 1) {
        heads = undefined;
        lookAgain();
      }
      if (heads !== undefined) onHeads(heads);
      return {
        stop() {
          watchers.delete(onHeads);
          if (watchers.size === 0) timer?.cancel();
        },
      };
    },
  };
}
