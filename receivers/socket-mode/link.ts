import { z } from 'zod';
import type { ProxySettings } from '../../services/config/config';
import type { Clock } from '../../services/runtime/clock';
import { toErrorMessage } from '../../services/runtime/errors';
import { parseJson } from '../../services/runtime/json';
import type { Logger } from '../../services/runtime/logger';
import { withTimeout } from '../../services/runtime/with-timeout';
import { openConnections } from '../../services/slack/connections';
import { isRefusal } from '../../services/slack/errors';
import { createCallSlack } from '../../services/slack/web-api';
import { openWebSocket } from './web-socket';

const CALL_TIMEOUT_MS = 10_000;
const HELLO_TIMEOUT_MS = 10_000;

/** Messages about the connection itself: it is open, or Slack is about to close it. */
const linkMessageSchema = z.object({
  type: z.enum(['hello', 'disconnect']),
  reason: z.string().catch('unknown'),
});

/** Why a link could not be opened. */
export interface OpeningFault {
  error: string;
  /** A retry cannot help before somebody acts. */
  isRefusal?: boolean;
  /** Slack's `Retry-After`. */
  retryAfterMs?: number | undefined;
  /** The network error. */
  detail?: string | undefined;
}

export type CreateLink = ReturnType<typeof createLinkFactory>;
/** One WebSocket to Slack. It is opened once. */
export type Link = ReturnType<CreateLink>;

export function createLinkFactory({
  appToken,
  slackApiUrl,
  proxy,
  clock,
  logger,
}: {
  appToken: string;
  slackApiUrl: string;
  proxy?: ProxySettings;
  clock: Clock;
  logger: Logger;
}) {
  const callSlack = createCallSlack({
    connections: openConnections(proxy),
    slackApiUrl,
    clock,
    headers: { authorization: `Bearer ${appToken}` },
    timeoutMs: CALL_TIMEOUT_MS,
  });

  return ({
    onMessage,
    onDisconnect,
  }: {
    onMessage: (message: unknown) => void;
    /** Slack is about to close the connection. */
    onDisconnect: (reason: string) => void;
  }) => {
    let socket: ReturnType<typeof openWebSocket> | undefined;
    let isOpen = false;

    async function connect(): Promise<OpeningFault | undefined> {
      const answer = await callSlack('apps.connections.open', {});
      if (!answer.ok) return { ...answer, isRefusal: isRefusal(answer.cause) };
      const greeting = await withTimeout(waitForHello(String(answer.body.url)), HELLO_TIMEOUT_MS, clock);
      return greeting === 'hello' ? undefined : { error: greeting ?? 'no_hello' };
    }

    /** Resolves with `hello`, or with the reason why none came. */
    function waitForHello(url: string): Promise<string> {
      return new Promise((resolve) => {
        socket = openWebSocket({ url, proxy, clock, onMessage: receive, onError });
        void socket.closed.then(() => resolve('the connection closed before Slack sent hello'));

        function receive(data: unknown): void {
          const message = typeof data === 'string' ? parseJson(data) : undefined;
          const { data: word } = linkMessageSchema.safeParse(message);
          if (word?.type === 'hello') {
            // At once: `disconnect` may follow in the same packet.
            isOpen = true;
            resolve('hello');
          } else if (word === undefined) onMessage(message);
          else if (isOpen) onDisconnect(word.reason);
          else resolve(word.reason);
        }

        function onError(error: Error): void {
          if (isOpen) logger.warn({ err: error }, 'the connection to slack failed');
          else resolve(toErrorMessage(error));
        }
      });
    }

    return {
      /** Resolves with undefined when Slack has sent `hello`, or with the reason why none came. */
      async open(): Promise<OpeningFault | undefined> {
        const fault = await connect().catch((error: unknown) => ({ error: toErrorMessage(error) }));
        // Slack may leave it open.
        if (fault !== undefined) void socket?.close();
        return fault;
      },
      /** Returns false where the connection is not open: nothing was sent. */
      send: (message: object): boolean => socket?.send(JSON.stringify(message)) ?? false,
      close: async (): Promise<void> => await socket?.close(),
      /** Resolves when an open connection has ended, on either side. */
      whenClosed: async (): Promise<void> => await socket?.closed,
    };
  };
}
