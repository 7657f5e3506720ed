import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { buildConnector, Pool, ping, WebSocket } from 'undici';
import type { ProxySettings } from '../../services/config/config';
import { type Clock, systemClock } from '../../services/runtime/clock';
import { repeatEvery } from '../../services/runtime/interval';
import { withTimeout } from '../../services/runtime/with-timeout';
import { openDispatcher } from '../../services/slack/connections';

const CLOSE_TIMEOUT_MS = 2_000;
const PING_INTERVAL_MS = 2_000;
/** Several: a blocked event loop reads the first pongs late. */
const UNANSWERED_PINGS = 3;
/** Slack pings every few seconds; its own client waits 30 s. */
const INTERVALS_WITHOUT_PEERS_PING = 15;

/**
 * undici's WebSocket, with two additions: it notices a peer that no longer answers (a lost network closes no connection), and
 * it closes even where the peer does not answer the close.
 */
export function openWebSocket({
  url,
  proxy,
  clock,
  pingClock = systemClock,
  onMessage,
  onError,
}: {
  url: string;
  proxy: ProxySettings;
  clock: Clock;
  /** Default: the system's clock, since pongs arrive in real time. */
  pingClock?: Clock;
  /** `data` is a string, or a `Blob` where the peer sent bytes. */
  onMessage: (data: unknown) => void;
  /** The connection failed, or the peer no longer answers. `closed` resolves afterwards. */
  onError: (error: Error) => void;
}) {
  let tcp: Socket | undefined;
  const connector = buildConnector({});
  const connect: buildConnector.connector = (options, done) =>
    connector(options, (...result) => {
      if (result[0] === null) tcp = result[1];
      else onError(result[0]);
      done(...result);
    });
  // With a proxy this is the connection to the proxy, through which undici tunnels.
  const clientFactory = (origin: URL) => new Pool(origin, { connect });
  const dispatcher = openDispatcher(proxy, { connect, clientFactory });
  const socket = new WebSocket(url, { dispatcher });

  const closed = once(socket, 'close').then(cut);
  socket.addEventListener('message', ({ data }) => onMessage(data));
  socket.addEventListener('open', () => {
    const end = watchPings(socket, pingClock, () => {
      onError(new Error('the peer answers no pings'));
      cut();
    });
    socket.addEventListener('close', end);
  });

  /** undici itself would wait for the peer, and does not expose the connection. */
  function cut(): void {
    void dispatcher.destroy();
    tcp?.destroy();
  }

  return {
    /** Returns false where the connection is not open: nothing was sent. */
    send(text: string): boolean {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    async close(): Promise<void> {
      socket.close();
      await withTimeout(closed, CLOSE_TIMEOUT_MS, clock);
      cut();
      await closed;
    },
    /** Resolves when the connection has ended, on either side. */
    closed,
  };
}

/**
 * Watches what Slack's own client watches: the pongs to our pings, and the peer's pings once the first has come.
 * https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
 */
function watchPings(socket: WebSocket, clock: Clock, onSilence: () => void): () => void {
  let unanswered = 0;
  let sincePeersPing = Number.NEGATIVE_INFINITY;
  // The channels carry the frames of every WebSocket of this process.
  const isOurs = (frame: unknown) =>
    typeof frame === 'object' && frame !== null && 'websocket' in frame && frame.websocket === socket;
  const onPong = (frame: unknown) => {
    if (isOurs(frame)) unanswered = 0;
  };
  const onPing = (frame: unknown) => {
    if (isOurs(frame)) sincePeersPing = 0;
  };
  subscribe('undici:websocket:pong', onPong);
  subscribe('undici:websocket:ping', onPing);
  const timer = repeatEvery(PING_INTERVAL_MS, clock, () => {
    sincePeersPing += 1;
    if (unanswered >= UNANSWERED_PINGS || sincePeersPing >= INTERVALS_WITHOUT_PEERS_PING) return onSilence();
    unanswered += 1;
    ping(socket);
  });
  return () => {
    timer.cancel();
    unsubscribe('undici:websocket:pong', onPong);
    unsubscribe('undici:websocket:ping', onPing);
  };
}
