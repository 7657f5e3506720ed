import { SocketModeClient } from '@slack/socket-mode';
import type { ProxySettings } from '../../services/config/config';
import type { Clock } from '../../services/runtime/clock';
import type { Logger } from '../../services/runtime/logger';
import { toSlackLogger } from '../../services/slack/bolt-logger';
import { createFetch, openProxy } from '../../services/slack/connections';
import { LinkRefusedError } from './faults';

const CALL_TIMEOUT_MS = 10_000;
const HELLO_TIMEOUT_MS = 10_000;
/** Slack's client waits 30 s for a farewell. */
const CLOSE_TIMEOUT_MS = 2_000;

/** One WebSocket to Slack, from its opening to its end. It is not opened again. */
export interface Link {
  /** Resolves when Slack has said hello. */
  open(): Promise<void>;
  /** False: it is closed, and nothing was sent. */
  send(message: object): boolean;
  close(): Promise<void>;
  /** Resolves when it has ended, whoever ended it. */
  closed: Promise<void>;
}

export type CreateLink = (onMessage: (message: unknown) => void) => Link;

/**
 * Slack's own client for the call, the socket and its pings, without two habits of its. It reads messages outside of
 * any `try`: one that it does not understand ends the process. And it connects again by itself: after five seconds in
 * which commands fail, without what is under way, ever more slowly, and by ending the process where Slack refuses.
 */
export function createLinkFactory({
  appToken,
  slackApiUrl,
  proxy,
  clock,
  logger,
}: {
  appToken: string;
  slackApiUrl: string;
  proxy: ProxySettings;
  clock: Clock;
  logger: Logger;
}): CreateLink {
  return (onMessage) => {
    const client = new SocketModeClient({
      appToken,
      autoReconnectEnabled: false,
      ...(proxy && { dispatcher: openProxy(proxy) }),
      clientOptions: {
        slackApiUrl,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: CALL_TIMEOUT_MS,
        fetch: createFetch(proxy),
      },
      logger: toQuietLogger(logger),
    });
    const closed = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
    let fault: unknown;
    client.on('error', (error: unknown) => {
      fault = error;
    });
    let isGreeted = false;
    let refuse = (_reason: string) => {};
    const refused = new Promise<never>((_resolve, reject) => {
      refuse = (reason) => reject(new LinkRefusedError(reason));
    });
    // Whoever opens the link hears of it; after that it says nothing new.
    refused.catch(() => {});
    client.removeAllListeners('ws_message');
    client.on('ws_message', (data: unknown) => {
      const message = parseMessage(data);
      const reason = isGreeted ? undefined : readFarewell(message);
      if (isHello(message)) {
        isGreeted = true;
        client.emit('connected');
      } else if (reason !== undefined) refuse(reason);
      else onMessage(message);
    });

    async function close(): Promise<void> {
      if (client.websocket === undefined) return;
      // The second time it does not wait for Slack's farewell.
      const patience = clock.setTimeout(() => client.websocket?.disconnect(), CLOSE_TIMEOUT_MS);
      await client.disconnect();
      patience.cancel();
    }

    return {
      async open() {
        const patience = clock.setTimeout(() => refuse('no_hello'), CALL_TIMEOUT_MS + HELLO_TIMEOUT_MS);
        try {
          // A refusal is known at once; Slack may leave the socket open.
          await Promise.race([client.start(), refused]);
        } catch (error) {
          void close();
          // Where the connection ends before the hello, the client has no error to give.
          throw error ?? fault ?? new Error('the connection ended before Slack said hello');
        } finally {
          patience.cancel();
        }
      },
      send(message) {
        if (!client.websocket?.isActive()) return false;
        let isSent = false;
        client.websocket.send(JSON.stringify(message), (error) => {
          isSent = error === undefined;
        });
        return isSent;
      },
      close,
      closed,
    };
  };
}

function parseMessage(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : undefined;
  } catch {
    return undefined;
  }
}

/** The reason that Slack's `disconnect` message gives; undefined for all other messages. */
export function readFarewell(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  if (message.type !== 'disconnect') return undefined;
  return 'reason' in message && typeof message.reason === 'string' ? message.reason : 'unknown';
}

function isHello(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'hello';
}

/** What the client says of faults is said once, by us, with what to do about it. */
function toQuietLogger(logger: Logger) {
  const slackLogger = toSlackLogger(logger);
  const { debug } = slackLogger;
  return { ...slackLogger, info: debug, warn: debug, error: debug };
}
