import { systemClock } from '../services/runtime/clock';
import { toErrorMessage } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { withTimeout } from '../services/runtime/with-timeout';
import type { Route } from './server';

/** Longer than the database may make a healthy app wait; a load balancer does not wait for much more. */
const CHECK_TIMEOUT_MS = 3_000;
const MAX_EVENT_WAIT_MS = 5_000;

/**
 * `GET /healthz`: 200 where a request could be served and recorded now, 503 where the database could not take it, or events have
 * been waiting for it.
 */
export function createHealthRoute({
  check,
  toOldestWaitMs,
  logger,
}: {
  check: () => Promise<void>;
  /** How long the oldest event has waited to be recorded. */
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
