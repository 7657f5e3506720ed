import { App } from '@slack/bolt';
import { registerListeners } from './listeners';
import { notifyCalled } from './listeners/ask';
import { createAuthorize } from './listeners/authorize';
import { consentOutcomeView, consentView } from './listeners/blocks/consent';
import { noticeMessage } from './listeners/blocks/grant-log';
import { homeView } from './listeners/blocks/home';
import { logDeliveryMessage } from './listeners/blocks/log-delivery';
import { createWaitingReplies } from './listeners/waiting-replies';
import manifest from './manifest.json';
import { createDeliveries } from './receivers/delivery';
import { createHttpReceiver } from './receivers/http';
import { createSocketModeReceiver } from './receivers/socket-mode';
import { type Config, loadConfig, readEnvironment, toSecrets } from './services/config/config';
import { toDatabaseName } from './services/config/database-url';
import { type Database, openDatabase } from './services/database/database';
import type { AppMetrics } from './services/metrics/exposition';
import { noMetrics } from './services/metrics/metrics';
import { COLLECT_DELAY_MS } from './services/permissions/requests/requests';
import { type Clock, systemClock } from './services/runtime/clock';
import { ScopekeeperError } from './services/runtime/errors';
import { createLogger, type Logger } from './services/runtime/logger';
import { createLogSigner } from './services/runtime/secrets/log-signer';
import { withTimeout } from './services/runtime/with-timeout';
import { startScheduledWork } from './services/scheduled';
import { createServices, type Views } from './services/services';
import { toSlackLogger } from './services/slack/bolt-logger';
import { createFetch } from './services/slack/connections';
import { createWebPages } from './web/pages';
import { createWebServer } from './web/server';

export interface RunningApp {
  port: number;
  /** Of `GET /metrics`, where it has one of its own. */
  metricsPort: number | undefined;
  /** The Bolt app: a listener that is added to it works as in any other. */
  bolt: App;
  /** Resolves when nothing is under way that nobody waits for, such as a message to a user. */
  settled(): Promise<void>;
  /** Takes no more requests, finishes what is under way, and closes the database. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 5_000;
/** Longer than those take who do not end their requests; container platforms kill after half a minute. */
const STOP_TIMEOUT_MS = 15_000;

interface Start {
  config: Config;
  logger: Logger;
  clock?: Clock;
  /** How long what came of exchanges is collected before it is written: nobody waits for that, but tests do. */
  collectMs?: number;
}

/** Opens the database and starts the app on it. Where it does not start, nothing is left open. */
export async function startApp({
  config,
  logger,
  clock = systemClock,
  collectMs = COLLECT_DELAY_MS,
}: Start): Promise<RunningApp> {
  const appMetrics = loadAppMetrics(config);
  const onError = appMetrics?.metrics.databaseFailed;
  const database = await openDatabase({
    config: config.database,
    clock,
    signer: createLogSigner(config.signingKeys),
    isServing: true,
    ...(onError && { onError }),
  });
  try {
    return await startOn(database, appMetrics, { config, logger, clock, collectMs });
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function startOn(
  database: Database,
  appMetrics: AppMetrics | undefined,
  { config, logger, clock, collectMs }: Required<Start>,
): Promise<RunningApp> {
  const { transport, slackApiUrl, proxy } = config;
  const metrics = appMetrics?.metrics ?? noMetrics;
  let port = config.port;
  const services = await createServices({
    config,
    database,
    clock,
    logger,
    metrics,
    botScopes: manifest.oauth_config.scopes.bot,
    getBaseUrl: () => config.publicUrl ?? `http://localhost:${port}`,
    views,
    collectMs,
  });
  const { background, botTokens, logDelivery, slack } = services;

  const server = createWebServer({ port, clock, logger });
  const deliveries = createDeliveries({ background, logger });
  const parts = { deliveries, clock, logger, metrics };
  const receiver =
    transport.kind === 'http'
      ? createHttpReceiver({ ...transport, server, clockSkew: slack.clockSkew, ...parts })
      : createSocketModeReceiver({ ...transport, slackApiUrl, proxy, ...parts });
  const app = new App({
    receiver,
    authorize: createAuthorize({ botTokens, clock }),
    clientOptions: { slackApiUrl, ...(proxy && { fetch: createFetch(proxy) }) },
    logger: toSlackLogger(logger),
    convoStore: false,
    ignoreSelf: false,
    extendedErrorHandler: true,
  });
  const dependencies = { ...services, waitingReplies: createWaitingReplies(clock.now), clock, logger };
  registerListeners(app, dependencies);

  const exposition = appMetrics?.createExposition({ database, clock, isDelivered: logDelivery.delivers });
  const pages = createWebPages({
    config,
    services,
    exposition,
    check: database.assertWritable,
    clock,
    logger,
  });
  server.add(pages.routes);

  /** Where one of them cannot start, those that have are stopped. */
  async function start(): Promise<number | undefined> {
    await logDelivery.registerCursors();
    slack.exchange.keepWarm();
    port = await server.start();
    try {
      await app.start();
      logger.info(
        { port, database: toDatabaseName(config.database), slack_api_url: slackApiUrl },
        'listening',
      );
      const metricsPort = await pages.start();
      if (config.botToken !== undefined) await slack.checkBackend();
      return metricsPort;
    } catch (error) {
      await Promise.all([app.stop(), server.stop(), pages.stop()]);
      throw error;
    }
  }

  const metricsPort = await start().catch(async (error: unknown) => {
    await background.settled();
    await slack.close();
    throw error;
  });
  logDelivery.start();
  const scheduled = startScheduledWork({
    services,
    callTurn: (request) => notifyCalled(dependencies, request),
    clock,
    logger,
  });

  async function finish(): Promise<true> {
    await Promise.all([app.stop(), server.stop(), pages.stop()]);
    services.stopKeeping();
    await background.settled();
    await logDelivery.close();
    await slack.close();
    return true;
  }

  return {
    port,
    metricsPort,
    bolt: app,
    settled: background.settled,
    async stop() {
      scheduled.stop();
      logDelivery.stop();
      pages.endStreams();
      // By the system's time, in which what hangs would go on hanging.
      const isDone = await withTimeout(finish(), STOP_TIMEOUT_MS, systemClock).finally(database.close);
      if (isDone === undefined) throw new Error('work in progress did not finish in time: stopped anyway');
      logger.info('stopped');
    },
  };
}

/** What people read in Slack. */
const views: Views = {
  consentView,
  consentOutcomeView,
  noticeMessage,
  homeView,
  logDeliveryMessage,
};

/** Loads the metrics only where somebody may read them. */
function loadAppMetrics({ metrics: { port, token } }: Config): AppMetrics | undefined {
  if (port === undefined && token === undefined) return undefined;
  const exposition: typeof import('./services/metrics/exposition') = require('./services/metrics/exposition');
  return exposition.createAppMetrics();
}

async function main(): Promise<void> {
  const environment = readEnvironment();
  try {
    const config = loadConfig(environment);
    const logger = createLogger({ level: config.logLevel, secrets: toSecrets(config) });
    const starting = startApp({ config, logger });
    // From the first moment on: whoever ends it while it starts must not leave the database open.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void stopOnSignal(starting, logger));
    await starting;
  } catch (error) {
    process.stderr.write(`Scopekeeper did not start. ${toStartFault(error)}\n`);
    process.exit(1);
  }
}

async function stopOnSignal(starting: Promise<RunningApp>, logger: Logger): Promise<void> {
  // In Socket Mode a start takes as long as Slack cannot be reached. Nothing is under way then.
  const giveUp = setTimeout(() => process.exit(1), START_TIMEOUT_MS);
  try {
    const running = await starting;
    clearTimeout(giveUp);
    await running.stop();
    process.exit(0);
  } catch (error) {
    logger.fatal({ err: error }, 'did not stop cleanly');
    process.exit(1);
  }
}

/** What the person who starts it reads; the whole error only where it is not one that was foreseen. */
function toStartFault(error: unknown): string {
  if (error instanceof ScopekeeperError) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'PORT is in use by another program: stop that, or set PORT to a free one.';
  }
  if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
    return 'This user may not listen on PORT: set it to one over 1023.';
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

if (require.main === module) void main();
