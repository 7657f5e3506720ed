import { App } from '@slack/bolt';
import { createEntrance } from './entrance';
import { registerListeners } from './listeners';
import { createAsks } from './listeners/asks';
import { auditMessage } from './listeners/blocks/audit';
import { consentOutcomeView, consentView } from './listeners/blocks/consent';
import { homeView } from './listeners/blocks/home';
import { noticeMessage } from './listeners/blocks/record';
import { createWaitingReplies } from './listeners/waiting-replies';
import manifest from './manifest.json';
import { startRoutine } from './routine';
import { type Clock, systemClock } from './services/clock';
import { type Config, loadConfig, readEnvironment, toSecrets } from './services/config';
import { type Database, openDatabase } from './services/database/database';
import { toDatabaseName } from './services/database-config';
import { ScopekeeperError } from './services/errors';
import { createLogger, type Logger, toSlackLogger } from './services/logger';
import { createWatchedApp, type WatchedApp } from './services/metrics/exposition';
import { createServices } from './services/services';
import { createPages } from './web/pages';

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

interface Start {
  config: Config;
  logger: Logger;
  clock?: Clock;
}

/** Joins the parts and starts listening. Where it cannot, nothing is left open. */
export async function startApp({ config, logger, clock = systemClock }: Start): Promise<RunningApp> {
  const watched = createWatchedApp();
  const onError = watched.metrics.databaseFailed;
  const database = await openDatabase({ config: config.database, clock, onError });
  try {
    return await startOn(database, watched, { config, logger, clock });
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function startOn(
  database: Database,
  watched: WatchedApp,
  { config, logger, clock }: Required<Start>,
): Promise<RunningApp> {
  const { catalog, botToken, publicUrl, slackApiUrl } = config;
  const { metrics } = watched;
  let ownPort = config.port;
  const services = await createServices({
    config,
    database,
    clock,
    logger,
    metrics,
    botScopes: manifest.oauth_config.scopes.bot,
    getBaseUrl: () => publicUrl ?? `http://localhost:${ownPort}`,
    views: {
      consent: (prompt, url) => consentView(catalog, prompt, url),
      consentOutcome: consentOutcomeView,
      notice: noticeMessage,
      home: homeView,
      audit: auditMessage,
    },
  });
  const { background, sinks, slack, clientOptions } = services;
  const exposition = watched.createExposition({ database, clock, isTold: sinks.has });
  const pages = createPages({ config, services, exposition, check: database.check, clock, logger });
  const waitingReplies = createWaitingReplies(clock.now);
  const asks = createAsks({ ...services, waitingReplies, clock, logger });
  const entrance = createEntrance({ config, routes: pages.routes, asks, clock, logger, metrics });
  const app = new App({
    receiver: entrance.receiver,
    // Cannot throw, and calls nobody: where it fails, Bolt answers 200 for an event that nobody recorded.
    authorize: async () => ({ botToken }),
    clientOptions,
    logger: toSlackLogger(logger),
    convoStore: false,
    ignoreSelf: false,
    extendedErrorHandler: true,
  });
  registerListeners(app, { ...services, waitingReplies, clock, logger });

  if (botToken !== undefined) await slack.checkBackend(services.workspaces);
  await sinks.prepare();
  const port = await entrance.start();
  ownPort = port;
  const metricsPort = await pages.start().catch(async (error: unknown) => {
    await entrance.stop();
    throw error;
  });
  sinks.start();
  const routine = startRoutine({ services, waitingReplies, clock, logger });
  logger.info({ port, database: toDatabaseName(config.database), slack_api_url: slackApiUrl }, 'listening');

  return {
    port,
    metricsPort,
    settled: background.settled,
    async stop() {
      routine.stop();
      sinks.stop();
      pages.letGo();
      await entrance.stop();
      await pages.stop();
      await background.settled();
      await sinks.close();
      await slack.close();
      await database.close();
      logger.info('stopped');
    },
  };
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
