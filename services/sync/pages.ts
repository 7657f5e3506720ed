import type { Clock, Timer } from '../clock';
import type { ListResult, PermissionsBackend } from '../permissions/backend';
import type { Workspace } from '../workspace';
import { createRate } from './rate';

/** Slack recommends no more: seed document of `apps.permissions.users.list`. */
const PAGE_SIZE = 200;
/** How long to wait before a page is tried again that did not come. */
const RETRY_WAITS_MS = [1_000, 5_000, 15_000];

/** Gets pages of the list at the pace that Slack allows. */
export interface Pages {
  /**
   * Waits for its turn, obeys `Retry-After`, and tries a page a few times that fails on the way. Resolves with undefined
   * once it was stopped.
   */
  get(cursor: string | undefined): Promise<ListResult | undefined>;
  /** Ends what waits. */
  stop(): void;
}

export function createPages({
  backend,
  workspace,
  clock,
  perMinute,
}: {
  backend: Pick<PermissionsBackend, 'list'>;
  workspace: Workspace;
  clock: Clock;
  perMinute: number;
}): Pages {
  const rate = createRate({ perMinute, clock });
  const sleeping = new Map<Timer, () => void>();
  let isStopped = false;

  function sleep(ms: number): Promise<void> {
    if (isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        sleeping.delete(timer);
        resolve();
      };
      const timer = clock.setTimeout(wake, ms);
      sleeping.set(timer, wake);
    });
  }

  return {
    async get(cursor) {
      const retryWaits = [...RETRY_WAITS_MS];
      while (!isStopped) {
        const turnInMs = rate.take();
        if (turnInMs > 0) {
          await sleep(turnInMs);
          continue;
        }
        const page = await backend.list({ workspace, cursor, limit: PAGE_SIZE });
        if (page.ok) return page;
        const { error, retryAfterMs } = page;
        if (retryAfterMs !== undefined) {
          rate.drain();
          await sleep(retryAfterMs);
          continue;
        }
        const retryInMs = mayPass(error) ? retryWaits.shift() : undefined;
        if (retryInMs === undefined) return page;
        await sleep(retryInMs);
      }
      return undefined;
    },
    stop() {
      isStopped = true;
      for (const wake of sleeping.values()) wake();
    },
  };
}

/** Whether it was the way to Slack that failed, not Slack's answer. */
export function mayPass(error: string): boolean {
  return error === 'timeout' || error === 'network_error' || /^http_5\d\d$/.test(error);
}
