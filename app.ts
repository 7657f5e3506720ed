import { App } from '@slack/bolt';
import { type FetchFunction, WebClient } from '@slack/web-api';
import { registerListeners } from './listeners';
import { noticeMessage } from './listeners/blocks/record';
import { createReceiver } from './listeners/receiver';
import { createAdmins } from './services/admins';
import { createBackground } from './services/background';
import { type Clock, systemClock } from './services/clock';
import {
  type Config,
  loadConfig,
  readEnvironment,
  toDatabaseName,
  toDatabaseSecrets,
} from './services/config';
import { openDatabase } from './services/database/database';
import { ScopekeeperError } from './services/errors';
import { createGrants } from './services/grants/grants';
import { createRecorder } from './services/grants/recorder';
import { createLogger, type Logger, toSlackLogger } from './services/logger';
import { createNotices } from './services/notices/notices';
import { createNativeBackend } from './services/permissions/native';
import { createPermissions } from './services/permissions/permissions';
import { createReference } from './services/reference';
import { createInFlight } from './services/requests/in-flight';
import { createRequests } from './services/requests/requests';
import { every } from './services/schedule';
import { sendDirectMessage } from './services/slack-messages';
import { createTeamFinder, verifyToken } from './services/slack-token';
import { createSync } from './services/sync/sync';
import { createTriggerExchange } from './services/trigger/exchange';
import { createHealthRoute } from './web/health';

export interface RunningApp {
  port: number;
  /** Resolves when nothing is under way that nobody waits for, such as a message to a user. */
  settled(): Promise<void>;
  /** Takes no more requests, finishes what is under way, and closes the database. */
  stop(): Promise<void>;
}

const HOUSEKEEPING_INTERVAL_MS = 1_000;
const MESSAGE_TIMEOUT_MS = 10_000;
const STOP_PATIENCE_MS = 10_000;

/** For messages: `WebClient` knows a timeout, a `response_url` that never answers does not. */
const fetchInTime: FetchFunction = (url, init) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(MESSAGE_TIMEOUT_MS) });

/** Joins the parts and starts listening. */
export async function startApp({
  config,
  logger,
  clock = systemClock,
}: {
  config: Config;
  logger: Logger;
  clock?: Clock;
}): Promise<RunningApp> {
  const database = await openDatabase({ config: config.database, clock });
  const background = createBackground({ logger });
  // One try a call: what is worth repeating is kept in the database and tried again from there.
  const clientOptions = {
    slackApiUrl: config.slackApiUrl,
    logger: toSlackLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch: fetchInTime,
  };
  const client = new WebClient(config.botToken, clientOptions);
  const exchange = createTriggerExchange({
    slackApiUrl: config.slackApiUrl,
    botToken: config.botToken,
    clock,
  });
  const inFlight = createInFlight();
  const grants = createGrants({ database });
  const requests = createRequests({ database, clock, requestTtlMs: config.requestTtlMs });
  const notices = createNotices({
    database,
    clock,
    background,
    logger,
    send: (notice) => sendDirectMessage(client, notice.userId, noticeMessage(notice)),
  });
  const recorder = createRecorder({ database, clock, inFlight, onNotice: notices.deliver });
  const { catalog, slackApiUrl, botToken } = config;
  const backend = createNativeBackend({ exchange, slackApiUrl, botToken, clock });
  const findTeam = createTeamFinder({ client, logger });
  const sync = createSync({
    database,
    backend,
    clock,
    background,
    logger,
    perMinute: config.tier2PerMinute,
    intervalMs: config.syncIntervalMs,
    instanceId: createReference(),
    findTeam,
  });
  const permissions = createPermissions({ backend, catalog, grants, requests, inFlight, clock, logger });
  const admins = createAdmins({ adminUserIds: config.adminUserIds, client });

  const routes = [createHealthRoute({ check: database.check, logger })];
  const { signingSecret, port } = config;
  const receiver = createReceiver({ signingSecret, port, routes, clock, logger });
  const app = new App({
    receiver,
    // Cannot throw, and calls nobody: where it fails, Bolt answers 200 for an event that nobody recorded.
    authorize: async () => ({ botToken: config.botToken }),
    clientOptions,
    logger: toSlackLogger(logger),
    convoStore: false,
    ignoreSelf: false,
    extendedErrorHandler: true,
  });
  registerListeners(app, {
    permissions,
    grants,
    recorder,
    admins,
    sync,
    exchange,
    client,
    background,
    clock,
    logger,
  });

  const server = await receiver.start(port);
  const housekeeping = every(HOUSEKEEPING_INTERVAL_MS, clock, () =>
    background.run('housekeeping', async () => {
      await requests.expire();
      notices.deliver();
      sync.runIfDue();
    }),
  );
  sync.runIfDue();
  background.run('token check', () => verifyToken({ findTeam, logger }));
  const address = server.address();
  const listeningPort = typeof address === 'object' && address !== null ? address.port : port;
  logger.info(
    { port: listeningPort, database: toDatabaseName(config.database), slack_api_url: config.slackApiUrl },
    'listening',
  );

  return {
    port: listeningPort,
    settled: background.settled,
    async stop() {
      housekeeping.cancel();
      sync.stop();
      // Whoever does not end a request must not keep the app from ending.
      const patience = clock.setTimeout(() => server.closeAllConnections(), STOP_PATIENCE_MS);
      await receiver.stop();
      patience.cancel();
      await background.settled();
      await exchange.close();
      await backend.close();
      await database.close();
      logger.info('stopped');
    },
  };
}

async function main(): Promise<void> {
  const environment = readEnvironment();
  try {
    const config = loadConfig(environment);
    const secrets = [config.botToken, config.signingSecret, ...toDatabaseSecrets(config.database)];
    const logger = createLogger({ level: config.logLevel, secrets });
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
  try {
    await (await starting).stop();
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
