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

/** What Slack says of the link itself: that it is open, or that Slack is about to close it. */
const linkMessageSchema = z.object({
  type: z.enum(['hello', 'disconnect']),
  reason: z.string().catch('unknown'),
});

/** Why a link could not be opened. */
export interface OpeningFault {
  error: string;
  /** Trying again cannot help before somebody acts. */
  isRefusal?: boolean;
  /** How long Slack wants no call. */
  retryAfterMs?: number | undefined;
  /** What the network said. */
  detail?: string | undefined;
}

/** What happens on an open link. */
export interface LinkEvents {
  onMessage(message: unknown): void;
  onFarewell(reason: string): void;
}

export type CreateLink = ReturnType<typeof createLinkFactory>;
/** One WebSocket to Slack, from its opening to its end. It is not opened again. */
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

  return ({ onMessage, onFarewell }: LinkEvents) => {
    let socket: ReturnType<typeof openWebSocket> | undefined;
    let isOpen = false;

    async function connect(): Promise<OpeningFault | undefined> {
      const answer = await callSlack('apps.connections.open', {});
      if (!answer.ok) return { ...answer, isRefusal: isRefusal(answer.cause) };
      const greeting = await withTimeout(greet(String(answer.body.url)), HELLO_TIMEOUT_MS, clock);
      return greeting === 'hello' ? undefined : { error: greeting ?? 'no_hello' };
    }

    /** Resolves with `hello`, or with why Slack did not say it. */
    function greet(url: string): Promise<string> {
      return new Promise((resolve) => {
        socket = openWebSocket({ url, proxy, clock, onMessage: receive, onError });
        void socket.closed.then(() => resolve('the connection closed before Slack sent hello'));

        function receive(data: unknown): void {
          const message = typeof data === 'string' ? parseJson(data) : undefined;
          const { data: word } = linkMessageSchema.safeParse(message);
          if (word?.type === 'hello') {
            // At once: a farewell may follow in the same packet.
            isOpen = true;
            resolve('hello');
          } else if (word === undefined) onMessage(message);
          else if (isOpen) onFarewell(word.reason);
          else resolve(word.reason);
        }

        function onError(error: Error): void {
          if (isOpen) logger.warn({ err: error }, 'the connection to slack failed');
          else resolve(toErrorMessage(error));
        }
      });
    }

    return {
      /** Resolves when Slack has said hello, or with why it did not. */
      async open(): Promise<OpeningFault | undefined> {
        const fault = await connect().catch((error: unknown) => ({ error: toErrorMessage(error) }));
        // Slack may leave the socket open.
        if (fault !== undefined) void socket?.close();
        return fault;
      },
      /** False: the link is not open, and nothing was sent. */
      send: (message: object): boolean => socket?.send(JSON.stringify(message)) ?? false,
      close: async (): Promise<void> => await socket?.close(),
      /** Resolves when an open link has ended, whoever ended it. */
      whenClosed: async (): Promise<void> => await socket?.closed,
    };
  };
}
