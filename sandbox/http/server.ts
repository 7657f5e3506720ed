import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createPageRoutes } from '../page/routes';
import type { ClientState, SandboxClock } from '../types';
import type { Route } from './api-route';
import { jsonReply, sendReply, textReply } from './reply';

const KEEP_ALIVE_MS = 60_000;

interface SandboxRoutes {
  api: Route;
  responseUrl: Route;
  client: Route;
  authorize: Route;
  /** A WebSocket is asked for. */
  upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer, url: URL) => void;
  clock: SandboxClock;
  /** What the page shows to a person; throws for one who does not exist. */
  clientState: (userId: string) => ClientState;
}

/** Slack's side of the wire. Nothing that is sent here can stop it. */
export function createSandboxServer(routes: SandboxRoutes): Server {
  const servePage = createPageRoutes({ clientState: routes.clientState });

  function route(req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> | undefined {
    if (url.pathname.startsWith('/api/')) return routes.api(req, res, url);
    if (url.pathname.startsWith('/response/')) return routes.responseUrl(req, res, url);
    if (url.pathname.startsWith('/client/')) return routes.client(req, res, url);
    if (url.pathname === '/oauth/v2/authorize') return routes.authorize(req, res, url);
    if (!servePage(req, res, url)) sendReply(res, textReply('Not found', 404));
    return undefined;
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const url = toUrl(req.url ?? '/');
      if (!url) return sendReply(res, textReply('Bad request', 400));
      await route(req, res, url);
    } catch {
      // A request that broke off leaves nobody to answer; for all else this is the answer.
      if (res.headersSent) res.destroy();
      else sendReply(res, jsonReply({ ok: false, error: 'fatal_error' }, 500));
    }
  }

  const server = createServer((req, res) => {
    // Slack's clock is the sandbox's, also in what Node would fill in by itself.
    res.setHeader('Date', new Date(routes.clock.now()).toUTCString());
    void handle(req, res);
  });
  // Real time, unlike all else here: whether a connection is kept must not depend on how fast a test runs.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('upgrade', (req, socket, head) => {
    const url = toUrl(req.url ?? '/');
    if (url) routes.upgrade(req, socket, head, url);
    else socket.destroy();
  });
  return server;
}

/** A target such as `//` is no path of ours, and must not throw. */
function toUrl(target: string): URL | undefined {
  try {
    return new URL(`http://sandbox.invalid${target.startsWith('/') ? '' : '/'}${target}`);
  } catch {
    return undefined;
  }
}
