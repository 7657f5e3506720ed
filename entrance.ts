import type { CustomRoute } from '@slack/bolt';
import type { Front } from './listeners/front';
import { createGate, ENDPOINT } from './listeners/gate';
import type { SocketGate } from './listeners/socket-gate';
import type { Config } from './services/config/config';
import type { Metrics } from './services/metrics/metrics';
import type { Clock } from './services/runtime/clock';
import type { Logger } from './services/runtime/logger';
import type { SlackTime } from './services/slack/clock-skew';
import { createWebServer } from './web/server';

/** Where Slack and browsers come in. */
export interface Entrance {
  /** Answers with the port that is listened on. */
  start(): Promise<number>;
  /** Takes no more, and finishes what is under way. */
  stop(): Promise<void>;
}

const STOP_PATIENCE_MS = 10_000;

/** One port for both, or, in Socket Mode, a socket to Slack and a port for browsers. */
export function createEntrance({
  config: { transport, port, slackApiUrl, proxy },
  loadRoutes,
  front,
  slackTime,
  clock,
  logger,
  metrics,
}: {
  config: Config;
  loadRoutes: () => Promise<readonly CustomRoute[]>;
  front: Front;
  slackTime: SlackTime;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): Entrance {
  let closeConnections = () => {};
  const socket =
    transport.kind === 'socket'
      ? loadSocketGate()({ appToken: transport.appToken, slackApiUrl, proxy, front, clock, logger, metrics })
      : undefined;
  const gate =
    transport.kind === 'http'
      ? createGate({ signingSecret: transport.signingSecret, front, slackTime, clock, logger, metrics })
      : undefined;
  const server = createWebServer({
    loadRoutes,
    first(request, response) {
      if (gate === undefined || request.method !== 'POST' || request.url?.split('?')[0] !== ENDPOINT)
        return false;
      void gate(request, response);
      return true;
    },
    port,
    logger,
  });

  /** Whoever does not end a request must not keep the app from ending. */
  async function stopServer(): Promise<void> {
    const patience = clock.setTimeout(closeConnections, STOP_PATIENCE_MS);
    await server.stop();
    patience.cancel();
  }

  async function startSocket(gate: SocketGate): Promise<void> {
    try {
      await gate.start();
    } catch (error) {
      await stopServer();
      throw error;
    }
  }

  return {
    async start() {
      const listening = await server.start();
      closeConnections = () => listening.closeAllConnections();
      if (socket !== undefined) await startSocket(socket);
      const address = listening.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    async stop() {
      await socket?.stop();
      await stopServer();
    },
  };
}

/** Only where it is used: a start by HTTP does not wait for it. */
function loadSocketGate() {
  const { createSocketGate }: typeof import('./listeners/socket-gate') = require('./listeners/socket-gate');
  return createSocketGate;
}
