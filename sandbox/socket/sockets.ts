import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { installedApp } from '../app-manifest';
import type { SandboxClock, SandboxSockets } from '../types';
import type { PostOutcome } from '../wire/http-post';
import { createLink, type Link } from './link';
import type { Tickets } from './tickets';

const MESSAGE_BYTES_READ = 1_048_576;
/** Slack closes a connection about ten seconds after it has said so. */
const LEAVING_PATIENCE_MS = 10_000;

export type Sockets = ReturnType<typeof createSockets>;

/** Socket Mode: the connections that the app has opened. https://docs.slack.dev/apis/events-api/using-socket-mode */
export function createSockets({ clock, tickets }: { clock: SandboxClock; tickets: Tickets }) {
  const server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_READ });
  let links: Link[] = [];
  let wasUsed = false;

  const open = () => links.filter((link) => link.isOpen());

  function join(socket: WebSocket): void {
    const link = createLink({ socket, clock });
    links = [...links, link];
    wasUsed = true;
    void link.closed.then(() => {
      links = links.filter((other) => other !== link);
    });
    link.say({
      type: 'hello',
      num_connections: links.length,
      debug_info: { host: 'sandbox', approximate_connection_time: 18_060 },
      connection_info: { app_id: installedApp.id },
    });
  }

  function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, url: URL): void {
    socket.on('error', () => socket.destroy());
    if (tickets.take(url)) {
      server.handleUpgrade(req, socket, head, join);
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    }
  }

  /** One of the connections gets it, in turn; one that is to be left only where there is no other. */
  async function deliver(envelopeId: string, text: string, timeoutMs: number): Promise<PostOutcome> {
    const [link] = [...open()].sort((a, b) => Number(a.isLeaving()) - Number(b.isLeaving()));
    if (link === undefined) return { failed: 'connection_failed' };
    links = [...links.filter((other) => other !== link), link];
    return await link.deliver(envelopeId, text, timeoutMs);
  }

  const driver: SandboxSockets = {
    count: () => open().length,
    async disconnect(reason = 'refresh_requested') {
      await Promise.all(open().map((link) => link.sendAway(reason, LEAVING_PATIENCE_MS)));
    },
    drop: () => {
      for (const link of links) link.drop();
    },
  };

  return {
    driver,
    upgrade,
    deliver,
    count: driver.count,
    /** A connection was open at some time: the app is one that uses Socket Mode. */
    wasUsed: () => wasUsed,
    close: driver.drop,
  };
}
