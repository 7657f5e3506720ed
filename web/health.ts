import { systemClock } from '../services/runtime/clock';
import { toErrorMessage } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { withTimeout } from '../services/runtime/with-timeout';
import type { Route } from './server';

/** Longer than a healthy database takes, and shorter than a load balancer waits. */
const CHECK_TIMEOUT_MS = 3_000;
const MAX_EVENT_WAIT_MS = 5_000;

/**
 * `GET /healthz`: 200 where a request could be served and recorded now; 503 where the database cannot be written, or events have
 * waited for it too long.
 */
export function createHealthRoute({
  check,
  toOldestWaitMs,
  logger,
}: {
  check: () => Promise<void>;
  /** How long the oldest unrecorded event has waited. */
  toOldestWaitMs: () => number;
  logger: Logger;
}): Route {
  async function checkAll(): Promise<void> {
    if (toOldestWaitMs() > MAX_EVENT_WAIT_MS)
      throw new Error(`an event has waited for ${toOldestWaitMs()} ms`);
    if (
      (await withTimeout(
        check().then(() => true),
        CHECK_TIMEOUT_MS,
        systemClock,
      )) === undefined
    )
      throw new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`);
  }

  return {
    path: '/healthz',
    method: ['GET', 'HEAD'],
    handler(_request, response) {
      checkAll().then(
        () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}'),
        (error: unknown) => {
          logger.error({ error: toErrorMessage(error) }, 'database health check failed');
          response
            .writeHead(503, { 'content-type': 'application/json' })
            .end('{"status":"unavailable","reason":"database health check failed"}');
        },
      );
    },
  };
}
