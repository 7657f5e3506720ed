import type { ListResult, PermissionsBackend } from '../permissions/backend';
import type { Clock, Timer } from '../runtime/clock';
import { toCause, toFailure } from '../slack/errors';
import { createRateLimiter } from '../slack/rate-limiter';
import type { Workspace } from '../slack/workspace';

/** Slack recommends no more: seed document of `apps.permissions.users.list`. */
const PAGE_SIZE = 200;
/** How long to wait before a page is tried again that did not come. */
const RETRY_WAITS_MS = [1_000, 5_000, 15_000];

/** Where the way to Slack fails for so many users of a page, it does not fail because of one of them. */
const MIN_SHARED_FAILURES = 3;

export type PageReader = ReturnType<typeof createPageReader>;

/** Gets pages of the list at the pace that Slack allows. */
export function createPageReader({
  backend,
  workspace,
  clock,
  perMinute,
}: {
  backend: Pick<PermissionsBackend, 'list'>;
  workspace: Workspace;
  clock: Clock;
  perMinute: number;
}) {
  const rateLimiter = createRateLimiter({ perMinute, clock });
  const waiting = new Set<() => void>();
  let isStopped = false;

  /** What the work comes to; undefined once it was stopped, however long the work goes on. */
  function untilStopped<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const stop = () => resolve(undefined);
      waiting.add(stop);
      work.then(resolve, reject).finally(() => waiting.delete(stop));
    });
  }

  async function sleep(ms: number): Promise<void> {
    let timer: Timer | undefined;
    await untilStopped(
      new Promise<void>((resolve) => {
        timer = clock.setTimeout(resolve, ms);
      }),
    );
    timer?.cancel();
  }

  return {
    /**
     * Waits for its turn, obeys `Retry-After`, and tries a page a few times that fails on the way. Resolves with undefined
     * once it was stopped.
     */
    async get(cursor: string | undefined): Promise<ListResult | undefined> {
      const retryWaits = [...RETRY_WAITS_MS];
      while (!isStopped) {
        const turnInMs = rateLimiter.take();
        if (turnInMs > 0) {
          await sleep(turnInMs);
          continue;
        }
        const isLastTry = retryWaits.length === 0;
        const page = await untilStopped(backend.list({ workspace, cursor, limit: PAGE_SIZE, isLastTry }));
        if (page === undefined) return undefined;
        if (page.ok) return toSharedFailure(page) ?? page;
        const { cause, retryAfterMs } = page;
        if (retryAfterMs !== undefined) {
          rateLimiter.drain();
          await sleep(retryAfterMs);
          continue;
        }
        const retryInMs = cause === 'unreachable' ? retryWaits.shift() : undefined;
        if (retryInMs === undefined) return page;
        await sleep(retryInMs);
      }
      return undefined;
    },
    /** Ends what waits. */
    stop(): void {
      isStopped = true;
      for (const stop of waiting) stop();
    },
  };
}

function toSharedFailure({ skipped }: Extract<ListResult, { ok: true }>): ListResult | undefined {
  const lost = skipped.filter(({ error }) => toCause(error) === 'unreachable');
  const [first] = lost;
  if (first === undefined || lost.length < MIN_SHARED_FAILURES) return undefined;
  return toFailure(first.error);
}
