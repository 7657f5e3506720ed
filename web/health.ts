import type { CustomRoute } from '@slack/bolt';
import { toMessage } from '../services/errors';
import type { Logger } from '../services/logger';

/** `GET /healthz`: 200 where a request could be served and recorded now, 503 where the database could not take it. */
export function createHealthRoute({
  check,
  logger,
}: {
  check: () => Promise<void>;
  logger: Logger;
}): CustomRoute {
  return {
    path: '/healthz',
    method: ['GET', 'HEAD'],
    handler(_request, response) {
      check().then(
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
