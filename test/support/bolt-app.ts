import { App } from '@slack/bolt';
import { createRouter } from '../../listeners/router';
import { createDeliveries } from '../../receivers/delivery';
import { createHttpReceiver } from '../../receivers/http';
import { createSocketModeReceiver } from '../../receivers/socket-mode';
import type { Sandbox } from '../../sandbox/types';
import { noMetrics } from '../../services/metrics/metrics';
import { createBackground } from '../../services/runtime/background';
import type { Logger } from '../../services/runtime/logger';
import { toSlackLogger } from '../../services/slack/bolt-logger';
import { noClockSkew } from '../../services/slack/clock-skew';
import { createWebServer } from '../../web/server';
import type { Transport } from './harness';
import type { TestClock } from './test-clock';

const emptyTable = { commands: {}, actions: {}, dialogs: {}, views: {}, shortcuts: {}, events: {} };

/** A Bolt app of the test's own behind one of our receivers, joined to the sandbox. Its listeners are added as Bolt's docs say. */
export function createBoltApp(
  sandbox: Sandbox,
  {
    transport,
    clock,
    logger,
    slackApiUrl = sandbox.apiUrl,
    appToken = sandbox.appToken,
    most,
  }: {
    transport: Transport;
    clock: TestClock;
    logger: Logger;
    slackApiUrl?: string;
    appToken?: string;
    most?: { idle: number; saturated: number };
  },
) {
  const deliveries = createDeliveries({
    background: createBackground({ logger }),
    logger,
    ...(most && { most }),
  });
  const parts = { deliveries, clock, logger, metrics: noMetrics };
  const server = createWebServer({ port: 0, host: '127.0.0.1', logger });
  const receiver =
    transport === 'http'
      ? createHttpReceiver({ ...parts, server, signingSecret: sandbox.signingSecret, clockSkew: noClockSkew })
      : createSocketModeReceiver({ ...parts, appToken, slackApiUrl, proxy: undefined });
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: sandbox.botToken }),
    clientOptions: { slackApiUrl },
    logger: toSlackLogger(logger),
    convoStore: false,
    ignoreSelf: false,
  });
  app.use(createRouter(emptyTable));
  app.error(async (error) => {
    throw error;
  });
  let isListening = false;
  return Object.assign(app, {
    async start() {
      await receiver.start();
      if (transport !== 'http') return;
      isListening = true;
      sandbox.setRequestUrl(`http://127.0.0.1:${await server.start()}/slack/events`);
    },
    async stop() {
      await Promise.all([receiver.stop(), isListening && server.stop()]);
      isListening = false;
    },
  });
}
