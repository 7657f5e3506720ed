import { createHash, timingSafeEqual } from 'node:crypto';
import type { MetricsConfig } from '../services/config/config';
import { ConfigError, toErrorMessage } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import type { Route } from './server';
import { createWebServer } from './server';

const METRICS_PATH = '/metrics';

/** The metrics in the text format of Prometheus. */
interface Exposition {
  contentType: string;
  read(): Promise<string>;
}

/** `GET /metrics`: never public. */
export interface MetricsPages {
  /** On the public port, only with the token. */
  routes: Route[];
  /** Resolves with the metrics' own port, where one is configured. */
  start(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export const noMetricsPages: MetricsPages = {
  routes: [],
  start: async () => undefined,
  stop: async () => {},
};

export function createMetricsPages({
  config: { port, host, token },
  exposition,
  logger,
}: {
  config: MetricsConfig;
  exposition: Exposition;
  logger: Logger;
}): MetricsPages {
  const route: Route = {
    path: METRICS_PATH,
    method: 'GET',
    handler(request, response) {
      if (token !== undefined && !isBearer(request.headers.authorization, token)) {
        response
          .writeHead(401, { 'www-authenticate': 'Bearer', 'content-type': 'text/plain; charset=utf-8' })
          .end('Send METRICS_TOKEN as a bearer token.');
        return;
      }
      exposition.read().then(
        (text) => response.writeHead(200, { 'content-type': exposition.contentType }).end(text),
        (error: unknown) => {
          logger.error({ error: toErrorMessage(error) }, 'failed to read the metrics');
          response.writeHead(500).end();
        },
      );
    },
  };
  const routes = token === undefined ? [] : [route];
  if (port === undefined) return { routes, start: async () => undefined, stop: async () => {} };

  const server = createWebServer({ port, host, logger });
  server.add([route]);
  return {
    routes,
    async start() {
      try {
        return await server.start();
      } catch (error) {
        throw new ConfigError([
          `METRICS_PORT cannot be listened on (${toErrorMessage(error)}): set it to a free port, and METRICS_HOST to an address of this machine.`,
        ]);
      }
    },
    // The client can read again.
    stop: () => server.stop(0),
  };
}

/** Compares in constant time, for tokens of any length. */
function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
