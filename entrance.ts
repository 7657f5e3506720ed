import type { CustomRoute, Receiver } from '@slack/bolt';
import type { Asks } from './listeners/asks';
import { createReceiver } from './listeners/receiver';
import { createSocketReceiver } from './listeners/socket-receiver';
import type { Clock } from './services/clock';
import type { Config } from './services/config';
import type { Logger } from './services/logger';
import type { Metrics } from './services/metrics/metrics';
import { createWebServer } from './web/server';

/** Where Slack and browsers come in. */
export interface Entrance {
  receiver: Receiver;
  /** Answers with the port that is listened on. */
  start(): Promise<number>;
  /** Takes no more, and finishes what is under way. */
  stop(): Promise<void>;
}

const STOP_PATIENCE_MS = 10_000;

/** One port for both, or, in Socket Mode, a socket to Slack and a port for browsers. */
export function createEntrance({
  config: { transport, port, slackApiUrl },
  routes,
  asks,
  clock,
  logger,
  metrics,
}: {
  config: Config;
  routes: CustomRoute[];
  asks: Asks;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): Entrance {
  let closeConnections = () => {};

  /** Whoever does not end a request must not keep the app from ending. */
  async function inTime(stop: () => Promise<unknown>): Promise<void> {
    const patience = clock.setTimeout(closeConnections, STOP_PATIENCE_MS);
    await stop();
    patience.cancel();
  }

  if (transport.kind === 'socket') {
    const { appToken } = transport;
    const receiver = createSocketReceiver({ appToken, slackApiUrl, asks, clock, logger, metrics });
    const web = createWebServer({ routes, port, logger });
    return {
      receiver,
      async start() {
        const server = await web.start();
        closeConnections = () => server.closeAllConnections();
        try {
          await receiver.start();
        } catch (error) {
          await web.stop();
          throw error;
        }
        return toPort(server.address(), port);
      },
      async stop() {
        await receiver.stop();
        await inTime(web.stop);
      },
    };
  }

  const { signingSecret } = transport;
  const receiver = createReceiver({ signingSecret, port, routes, asks, clock, logger, metrics });
  return {
    receiver,
    async start() {
      const server = await receiver.start(port);
      closeConnections = () => server.closeAllConnections();
      return toPort(server.address(), port);
    },
    stop: () => inTime(() => receiver.stop()),
  };
}

function toPort(address: string | { port: number } | null, fallback: number): number {
  return typeof address === 'object' && address !== null ? address.port : fallback;
}
