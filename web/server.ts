import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';

/**
 * Longer than proxies and load balancers keep an idle connection (60 s by default with nginx and AWS): a server that closes first
 * may do so while a request is on its way, which loses a trigger. Node's default is 5 s.
 */
const KEEP_ALIVE_MS = 75_000;

/**
 * The listen backlog. Beyond it, the system drops connections, which are tried again after a second or more. Node's default is
 * 511; Linux allows 4,096.
 */
const BACKLOG = 4_096;

/**
 * How long a request may take to arrive, its headers and as a whole: Slack's arrive within milliseconds, a browser's on a slow
 * line within seconds. Node's defaults are 60 s and 5 minutes, checked twice a minute. The limit also holds for a connection that
 * sends nothing; not for the response, which may take any time.
 */
const REQUEST_TIMEOUTS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};

/** Each connection holds memory. This many were open in the largest rush that was measured. */
const MAX_CONNECTIONS = 8_192;

/** A client that does not finish its request must not keep the app from stopping. */
const STOP_PATIENCE_MS = 10_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface Route {
  path: string;
  method: string | readonly string[];
  handler: Handler;
}

export type WebServer = ReturnType<typeof createWebServer>;

/** Serves each route at its exact path. */
export function createWebServer({
  port,
  host,
  timeouts = REQUEST_TIMEOUTS,
  maxConnections = MAX_CONNECTIONS,
  clock = systemClock,
  logger,
}: {
  port: number;
  /** Default: every address of this machine. */
  host?: string;
  timeouts?: typeof REQUEST_TIMEOUTS;
  maxConnections?: number;
  clock?: Clock;
  logger: Logger;
}) {
  const handlers = new Map<string, Handler>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const handler = handlers.get(`${request.method} ${request.url?.split('?')[0]}`);
      if (handler === undefined) return answer(response, 404, 'Not found.');
      await handler(request, response);
    } catch (error) {
      logger.error({ err: error }, 'request failed');
      answer(response, 500, 'This could not be handled.');
    }
  }

  let isStopping = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, ...timeouts }, (request, response) => {
    // Its connection is now idle, and must take no further request.
    response.once('close', () => isStopping && server.closeIdleConnections());
    void serve(request, response);
  });
  server.maxConnections = maxConnections;
  // A refused client tries again; closing idle connections makes room.
  server.on('drop', () => server.closeIdleConnections());

  return {
    add(routes: readonly Route[]): void {
      for (const { path, method, handler } of routes) {
        for (const name of [method].flat()) handlers.set(`${name} ${path}`, handler);
      }
    },
    /** Resolves with the port. */
    start: () =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, backlog: BACKLOG }, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    /** Takes no new request, and finishes those in progress. */
    async stop(patienceMs = STOP_PATIENCE_MS): Promise<void> {
      isStopping = true;
      if (!server.listening) return;
      const timer = clock.setTimeout(() => server.closeAllConnections(), patienceMs);
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error ? reject(error) : resolve())),
      );
      timer.cancel();
    },
  };
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(sentence);
}
