import type { WebSocket } from 'ws';
import type { JsonObject, SandboxClock } from '../types';
import type { PostOutcome } from '../wire/http-post';
import { readAcknowledgement } from './envelope';

/** In real time: Slack's client takes a connection for dead that has not been pinged for 30 s. */
const PING_INTERVAL_MS = 10_000;

export type Link = ReturnType<typeof createLink>;

/** One connection that the app has opened. */
export function createLink({ socket, clock }: { socket: WebSocket; clock: SandboxClock }) {
  const waiting = new Map<string, (outcome: PostOutcome) => void>();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let isLeaving = false;

  const pings = setInterval(() => socket.ping(), PING_INTERVAL_MS);
  pings.unref();
  // The close that follows says the same.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(pings);
    for (const finish of [...waiting.values()]) finish({ failed: 'connection_failed' });
  });
  socket.on('message', (data) => {
    const acknowledgement = readAcknowledgement(String(data));
    if (acknowledgement === undefined) return;
    waiting.get(acknowledgement.envelopeId)?.({ status: 200, body: acknowledgement.body });
  });

  const say = (message: JsonObject) => socket.send(JSON.stringify(message));

  /** Sends an envelope and waits for its acknowledgement, on this connection. */
  function deliver(envelopeId: string, text: string, timeoutMs: number): Promise<PostOutcome> {
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => finish({ failed: 'http_timeout' }), timeoutMs);
      function finish(outcome: PostOutcome): void {
        timer.cancel();
        waiting.delete(envelopeId);
        resolve(outcome);
      }
      waiting.set(envelopeId, finish);
      socket.send(text);
    });
  }

  /** Slack announces that it will close; the app opens another connection and leaves this one, or is made to. */
  async function sendAway(reason: string, patienceMs: number): Promise<void> {
    isLeaving = true;
    say({ type: 'disconnect', reason, debug_info: { host: 'sandbox' } });
    const patience = clock.setTimeout(() => socket.close(), patienceMs);
    await closed;
    patience.cancel();
  }

  return {
    say,
    deliver,
    sendAway,
    isOpen: () => socket.readyState === socket.OPEN,
    isLeaving: () => isLeaving,
    /** As if the network had failed. */
    drop: () => socket.terminate(),
    closed,
  };
}
