import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { APP_IDS } from '../app-manifest';
import type { SandboxClock, SandboxSockets, SocketRefusal } from '../types';
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
  /** How the next connections are refused. */
  const refusals: SocketRefusal[] = [];
  const refused = new Set<WebSocket>();
  let wasUsed = false;

  const open = () => links.filter((link) => link.isOpen());

  /** Instead of the hello. */
  function refuse(socket: WebSocket, { reason, staysOpen }: SocketRefusal): void {
    refused.add(socket);
    socket.once('close', () => refused.delete(socket));
    socket.on('error', () => undefined);
    if (reason !== undefined) socket.send(JSON.stringify({ type: 'disconnect', reason }));
    // Not even a close is answered then.
    if (staysOpen) socket.pause();
    else socket.close();
  }

  function join(socket: WebSocket): void {
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
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
      connection_info: { app_id: APP_IDS.appId },
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
    count: () => open().length + refused.size,
    async disconnect(reason = 'refresh_requested') {
      await Promise.all(open().map((link) => link.sendAway(reason, LEAVING_PATIENCE_MS)));
    },
    drop: () => {
      for (const link of links) link.drop();
    },
    refuseNext: (refusal, times = 1) => {
      for (let count = 0; count < times; count += 1) refusals.push(refusal);
    },
  };

  function close(): void {
    driver.drop();
    for (const socket of refused) socket.terminate();
  }

  return {
    driver,
    upgrade,
    deliver,
    count: () => open().length,
    /** A connection was open at some time: the app is one that uses Socket Mode. */
    wasUsed: () => wasUsed,
    close,
  };
}
