import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../services/runtime/clock';
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
const REQUEST_TIMEOUTS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};

/** Each holds some memory, whoever opened it. So many are taken in and wait in the worst rush that was measured. */
const MAX_CONNECTIONS = 8_192;

/** Whoever does not end a request must not keep the app from ending. */
const STOP_PATIENCE_MS = 10_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface Route {
  path: string;
  method: string | readonly string[];
  handler: Handler;
}

export type WebServer = ReturnType<typeof createWebServer>;

/** Serves each route at its address, to the letter. */
export function createWebServer({
  port,
  host,
  timeouts = REQUEST_TIMEOUTS,
  maxConnections = MAX_CONNECTIONS,
  clock = systemClock,
  logger,
}: {
  port: number;
  /** Of this machine; all of its addresses unless told. */
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
    // Its connection has become idle, and nothing is taken over it any more.
    response.once('close', () => isStopping && server.closeIdleConnections());
    void serve(request, response);
  });
  server.maxConnections = maxConnections;
  // Whoever is turned away tries again; what is only kept open makes room.
  server.on('drop', () => server.closeIdleConnections());

  return {
    add(routes: readonly Route[]): void {
      for (const { path, method, handler } of routes) {
        for (const name of [method].flat()) handlers.set(`${name} ${path}`, handler);
      }
    },
    /** Answers with the port. */
    start: () =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, backlog: BACKLOG }, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    /** Takes nothing new, and finishes what is under way. */
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
