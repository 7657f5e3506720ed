import type { ListResult, PermissionsBackend } from '../permissions/backend';
import type { Clock, Timer } from '../runtime/clock';
import { toCause, toFailure } from '../slack/errors';
import { createRateLimiter } from '../slack/rate-limiter';
import type { Workspace } from '../slack/workspace';

/** Slack recommends no more: seed document of `apps.permissions.users.list`. */
const PAGE_SIZE = 200;
/** The waits before a page is tried again because Slack could not be reached. */
const RETRY_WAITS_MS = [1_000, 5_000, 15_000];

/** Where Slack cannot be reached for this many users of a page, the cause is not a single user. */
const MIN_SHARED_FAILURES = 3;

export type PageReader = ReturnType<typeof createPageReader>;

/** Reads pages of the list at the rate that Slack allows. */
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

  /** Resolves with undefined when the reader is stopped, however long the work goes on. */
  function untilStopped<T>(work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const stop = () => resolve(undefined);
      waiting.add(stop);
      work.then(resolve, reject).finally(() => waiting.delete(stop));
    });
  }

  async function sleep(ms: number): Promise<void> {
    let timer: Timer | undefined;
    const elapsed = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, ms);
    });
    await untilStopped(elapsed);
    timer?.cancel();
  }

  return {
    /** Keeps to the rate limit and `Retry-After`, and retries while Slack cannot be reached. Undefined once stopped. */
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
    /** Ends all waits. */
    stop(): void {
      isStopped = true;
      for (const stop of waiting) stop();
    },
  };
}

function toSharedFailure({ skipped }: Extract<ListResult, { ok: true }>): ListResult | undefined {
  const failed = skipped.filter(({ error }) => toCause(error) === 'unreachable');
  return failed[0] !== undefined && failed.length >= MIN_SHARED_FAILURES
    ? toFailure(failed[0].error)
    : undefined;
}
