import { createEntrance } from './entrance';
import { createAsks } from './listeners/asks';
import { auditMessage } from './listeners/blocks/audit';
import { consentOutcomeView, consentView } from './listeners/blocks/consent';
import { homeView } from './listeners/blocks/home';
import { noticeMessage } from './listeners/blocks/record';
import { createFront } from './listeners/front';
import { createWaitingReplies } from './listeners/waiting-replies';
import manifest from './manifest.json';
import type { Rest } from './rest';
import { startRoutine } from './routine';
import { type Config, loadConfig, readEnvironment, toSecrets } from './services/config/config';
import { toDatabaseName } from './services/config/database-url';
import { type Database, openDatabase } from './services/database/database';
import type { WatchedApp } from './services/metrics/exposition';
import { noMetrics } from './services/metrics/metrics';
import { COLLECT_MS } from './services/permissions/requests/requests';
import { type Clock, systemClock } from './services/runtime/clock';
import { ScopekeeperError } from './services/runtime/errors';
import { createLogger, type Logger } from './services/runtime/logger';
import { createLogSigner } from './services/runtime/secrets/log-signer';
import { inTime } from './services/runtime/with-timeout';
import { createServices, type Views } from './services/services';

export interface RunningApp {
  port: number;
  /** Of `GET /metrics`, where it has one of its own. */
  metricsPort: number | undefined;
  /** Resolves when nothing is under way that nobody waits for, such as a message to a user. */
  settled(): Promise<void>;
  /** Takes no more requests, finishes what is under way, and closes the database. */
  stop(): Promise<void>;
}

const START_PATIENCE_MS = 5_000;
/** Longer than those take who do not end their requests; container platforms kill after half a minute. */
const STOP_PATIENCE_MS = 15_000;
const QUIET_MS = 100;

interface Start {
  config: Config;
  logger: Logger;
  clock?: Clock;
  /** How long it listens before it loads what no trigger needs: that takes the processor for a while. */
  quietMs?: number;
  /** How long what came of exchanges is collected before it is written: nobody waits for that, but tests do. */
  collectMs?: number;
}

/** Joins the parts and starts listening. Where it cannot, nothing is left open. */
export async function startApp({
  config,
  logger,
  clock = systemClock,
  quietMs = 0,
  collectMs = COLLECT_MS,
}: Start): Promise<RunningApp> {
  const { port, token } = config.metrics;
  const watched = port === undefined && token === undefined ? undefined : loadWatchedApp();
  const onError = watched?.metrics.databaseFailed;
  const signer = createLogSigner(config.signingKeys);
  const database = await openDatabase({
    config: config.database,
    clock,
    signer,
    isServing: true,
    ...(onError && { onError }),
  });
  try {
    return await startOn(database, watched, { config, logger, clock, quietMs, collectMs });
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function startOn(
  database: Database,
  watched: WatchedApp | undefined,
  { config, logger, clock, quietMs, collectMs }: Required<Start>,
): Promise<RunningApp> {
  const { botToken, slackApiUrl } = config;
  const metrics = watched?.metrics ?? noMetrics;
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
  const { background, sinks, slack } = services;
  const waitingReplies = createWaitingReplies(clock.now);
  const dependencies = { ...services, waitingReplies, clock, logger };
  const exposition = watched?.createExposition({ database, clock, isTold: sinks.has });
  const pages = { config, services, exposition, check: database.check, clock, logger };
  let loaded: Rest | undefined;
  const load = () => {
    loaded ??= loadRest()({ config, dependencies, pages, logger });
    return loaded;
  };
  const asks = createAsks(dependencies);
  const front = createFront({ asks, loadBolt: async () => load().deliver, background, logger });
  const loadRoutes = async () => load().pages.routes;
  const entrance = createEntrance({
    config,
    loadRoutes,
    front,
    slackTime: slack.slackTime,
    clock,
    logger,
    metrics,
  });

  async function listen(): Promise<{ port: number; metricsPort: number | undefined }> {
    await sinks.prepare();
    slack.exchange.warm();
    port = await entrance.start();
    logger.info({ port, database: toDatabaseName(config.database), slack_api_url: slackApiUrl }, 'listening');
    try {
      // The first triggers are exchanged while the rest is still to be loaded.
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      const metricsPort = await load().pages.start();
      if (botToken !== undefined) await slack.checkBackend();
      return { port, metricsPort };
    } catch (error) {
      await entrance.stop();
      throw error;
    }
  }

  const ports = await listen().catch(async (error: unknown) => {
    await background.settled();
    await slack.close();
    throw error;
  });
  sinks.start();
  const routine = startRoutine({ services, waitingReplies, clock, logger });

  return {
    ...ports,
    settled: background.settled,
    async stop() {
      routine.stop();
      sinks.stop();
      load().pages.letGo();
      // By the system's time, in which what hangs would go on hanging.
      const isDone = await inTime(finish(), STOP_PATIENCE_MS, systemClock).finally(database.close);
      if (isDone === undefined) throw new Error('what was under way did not end: stopped all the same');
      logger.info('stopped');
    },
  };

  async function finish(): Promise<true> {
    await entrance.stop();
    await load().pages.stop();
    services.stopKeeping();
    await background.settled();
    await sinks.close();
    await slack.close();
    return true;
  }
}

/** What people read in Slack. */
const views: Views = {
  consentView,
  consentOutcomeView,
  noticeMessage,
  homeView,
  auditMessage,
};

/** Bolt and the pages: no trigger needs them. */
function loadRest() {
  const { createRest }: typeof import('./rest') = require('./rest');
  return createRest;
}

/** Only where somebody may read the metrics. */
function loadWatchedApp(): WatchedApp {
  const {
    createWatchedApp,
  }: typeof import('./services/metrics/exposition') = require('./services/metrics/exposition');
  return createWatchedApp();
}

async function main(): Promise<void> {
  const environment = readEnvironment();
  try {
    const config = loadConfig(environment);
    const logger = createLogger({ level: config.logLevel, secrets: toSecrets(config) });
    const starting = startApp({ config, logger, quietMs: QUIET_MS });
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
  const giveUp = setTimeout(() => process.exit(1), START_PATIENCE_MS);
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
