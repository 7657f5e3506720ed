import { systemClock } from '../services/runtime/clock';
import { toMessage } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { inTime } from '../services/runtime/with-timeout';
import type { Route } from './server';

/** Longer than the database may make a healthy app wait; a load balancer does not wait for much more. */
const CHECK_TIMEOUT_MS = 3_000;
const MOST_WAITED_MS = 5_000;

/**
 * `GET /healthz`: 200 where a request could be served and recorded now, 503 where the database could not take it, or events have
 * been waiting for it.
 */
export function createHealthRoute({
  check,
  waitedMs,
  logger,
}: {
  check: () => Promise<void>;
  /** How long the oldest event has waited to be recorded. */
  waitedMs: () => number;
  logger: Logger;
}): Route {
  async function checkAll(): Promise<void> {
    if (waitedMs() > MOST_WAITED_MS) throw new Error(`an event has waited for ${waitedMs()} ms`);
    if (
      (await inTime(
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
          logger.error({ error: toMessage(error) }, 'the database cannot be used');
          response
            .writeHead(503, { 'content-type': 'application/json' })
            .end('{"status":"unavailable","reason":"the database cannot be used"}');
        },
      );
    },
  };
}
