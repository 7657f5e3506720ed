import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CustomRoute } from '@slack/bolt';
import type { Logger } from '../services/runtime/logger';

/**
 * Longer than proxies and load balancers keep an idle connection (60 s with nginx's and AWS's defaults): whoever closes first
 * can do so while a request is on its way, and that is a trigger lost. Node's own default is 5 s.
 */
const KEEP_ALIVE_MS = 75_000;

/**
 * So many connections may wait to be taken in. Of a rush, what is over it is dropped by the system, to be tried again after a
 * second or more. Node's own default is 511; Linux allows 4,096.
 */
const BACKLOG = 4_096;

/**
 * How long a request may take to come in, its headers and as a whole: Slack's come within milliseconds, a browser's on a slow
 * line within seconds. Node's own limits are 60 s and 5 minutes, looked at twice a minute. It holds for a connection that says
 * nothing at all, too; not for an answer, which may take as long as it takes.
 */
const PATIENCE = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 };

/** Each holds some memory, whoever opened it. So many are taken in and wait in the worst rush that was measured. */
const MOST_CONNECTIONS = 8_192;

/** Serves pages at their addresses, to the letter, and what else has an address. */
export interface WebServer {
  start(): Promise<Server>;
  stop(): Promise<void>;
}

export function createWebServer({
  loadRoutes,
  first = () => false,
  port,
  host,
  patience = PATIENCE,
  mostConnections = MOST_CONNECTIONS,
  logger,
}: {
  /** Asked at the first request for a page: nothing else needs them. */
  loadRoutes: () => Promise<readonly CustomRoute[]>;
  /** Whether somebody else answers this one. */
  first?: (request: IncomingMessage, response: ServerResponse) => boolean;
  port: number;
  /** Of this machine; all of its addresses unless told. */
  host?: string;
  patience?: typeof PATIENCE;
  mostConnections?: number;
  logger: Logger;
}): WebServer {
  let handlers: Promise<ReadonlyMap<string, CustomRoute['handler']>> | undefined;

  async function loadHandlers(): Promise<ReadonlyMap<string, CustomRoute['handler']>> {
    const routes = await loadRoutes();
    return new Map(
      routes.flatMap(({ path, method, handler }) =>
        [method].flat().map((name) => [`${name.toUpperCase()} ${path}`, handler] as const),
      ),
    );
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      handlers ??= loadHandlers();
      const handler = (await handlers).get(`${request.method} ${request.url?.split('?')[0]}`);
      if (handler === undefined) return answer(response, 404, 'Not found.');
      await handler(request, response);
    } catch (error) {
      logger.error({ err: error }, 'request failed');
      answer(response, 500, 'This could not be handled.');
    }
  }

  let isStopping = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, ...patience }, (request, response) => {
    // Its connection has become idle, and nothing is taken over it any more.
    response.once('close', () => isStopping && server.closeIdleConnections());
    if (!first(request, response)) void serve(request, response);
  });
  server.maxConnections = mostConnections;
  // Whoever is turned away tries again; what is only kept open makes room.
  server.on('drop', () => server.closeIdleConnections());

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, backlog: BACKLOG }, () => resolve(server));
      }),
    stop: () =>
      new Promise((resolve, reject) => {
        isStopping = true;
        server.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(sentence);
}
