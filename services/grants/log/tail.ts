import type { Database } from '../../database/database';
import type { Background } from '../../runtime/background';
import type { Clock, Timer } from '../../runtime/clock';
import { type Heads, listHeads } from './chain-store';

/** Tells when the log has grown, also where another instance wrote. */
export interface Tail {
  /** Calls with the heads as they are, within half a second at first, then whenever they have changed. */
  watch(onHeads: (heads: Heads) => void): { stop(): void };
}

/** Half of the second within which new entries are to be seen. Nothing is asked while nobody watches. */
const LOOK_INTERVAL_MS = 500;

export function createTail({
  database,
  clock,
  background,
}: {
  database: Database;
  clock: Clock;
  background: Background;
}): Tail {
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
    watch(onHeads) {
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
