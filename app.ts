import { App } from '@slack/bolt';
import { type FetchFunction, WebClient } from '@slack/web-api';
import { createEntrance } from './entrance';
import { registerListeners } from './listeners';
import { consentOutcomeView, consentView } from './listeners/blocks/consent';
import { noticeMessage } from './listeners/blocks/record';
import manifest from './manifest.json';
import { createAdmins } from './services/admins';
import { createBackground } from './services/background';
import { type Clock, systemClock } from './services/clock';
import { type Config, loadConfig, readEnvironment, toDatabaseName, toSecrets } from './services/config';
import { createConsents } from './services/consent/consents';
import { createNoRevocation, createRevocation } from './services/consent/revoke';
import { type Database, openDatabase } from './services/database/database';
import { ScopekeeperError } from './services/errors';
import { createGrants } from './services/grants/grants';
import { createRecorder } from './services/grants/recorder';
import { deleteOldStates } from './services/installations/states';
import { createWorkspaces } from './services/installations/workspaces';
import { createLogger, type Logger, toSlackLogger } from './services/logger';
import { createNotices } from './services/notices/notices';
import { createPermissions } from './services/permissions/permissions';
import { createReference } from './services/reference';
import { createInFlight } from './services/requests/in-flight';
import { createRequests } from './services/requests/requests';
import { every } from './services/schedule';
import { createSlack } from './services/slack';
import { createMessenger } from './services/slack-messages';
import { createTeamFinder, verifyToken } from './services/slack-token';
import { createSync } from './services/sync/sync';
import { createHealthRoute } from './web/health';
import { createOAuthRoutes } from './web/install';

export interface RunningApp {
  port: number;
  /** Resolves when nothing is under way that nobody waits for, such as a message to a user. */
  settled(): Promise<void>;
  /** Takes no more requests, finishes what is under way, and closes the database. */
  stop(): Promise<void>;
}

const HOUSEKEEPING_INTERVAL_MS = 1_000;
const TIDYING_INTERVAL_MS = 60_000;
const START_PATIENCE_MS = 5_000;
const MESSAGE_TIMEOUT_MS = 10_000;

/** For messages: `WebClient` knows a timeout, a `response_url` that never answers does not. */
const fetchInTime: FetchFunction = (url, init) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(MESSAGE_TIMEOUT_MS) });

interface Start {
  config: Config;
  logger: Logger;
  clock?: Clock;
}

/** Joins the parts and starts listening. Where it cannot, nothing is left open. */
export async function startApp({ config, logger, clock = systemClock }: Start): Promise<RunningApp> {
  const database = await openDatabase({ config: config.database, clock });
  try {
    return await startOn(database, { config, logger, clock });
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function startOn(database: Database, { config, logger, clock }: Required<Start>): Promise<RunningApp> {
  const { catalog, botToken, slackApiUrl } = config;
  const background = createBackground({ logger });
  // One try a call: what is worth repeating is kept in the database and tried again from there.
  const clientOptions = {
    slackApiUrl,
    logger: toSlackLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch: fetchInTime,
  };
  const slack = await createSlack({
    config,
    database,
    clock,
    logger,
    botScopes: manifest.oauth_config.scopes.bot,
    toConsentView: (prompt, url) => consentView(catalog, prompt, url),
  });
  const { callSlack, botTokens, exchange, backend, oauth } = slack;
  const findTeam =
    botToken === undefined
      ? undefined
      : createTeamFinder({ client: new WebClient(botToken, clientOptions), logger });
  const messenger = createMessenger({ client: new WebClient(undefined, clientOptions), botTokens });
  const inFlight = createInFlight();
  const grants = createGrants({ database });
  const requests = createRequests({ database, clock, requestTtlMs: config.requestTtlMs });
  const notices = createNotices({
    database,
    clock,
    background,
    logger,
    send: (notice) => messenger.send(notice, noticeMessage(notice)),
  });
  const onNotice = notices.deliver;
  const recorder = createRecorder({ database, clock, inFlight, onNotice });
  const workspaces = createWorkspaces({ database, findTeam });
  const sync = createSync({
    database,
    backend,
    workspaces,
    clock,
    background,
    logger,
    perMinute: config.tier2PerMinute,
    intervalMs: config.syncIntervalMs,
    instanceId: createReference(),
  });
  const permissions = createPermissions({ backend, catalog, grants, requests, inFlight, clock, logger });
  const admins = createAdmins({ adminUserIds: config.adminUserIds, messenger });
  const consents =
    oauth &&
    createConsents({
      database,
      callSlack,
      catalog,
      clock,
      logger,
      onNotice,
      ...oauth,
      onOutcome: (member, viewId, outcome) =>
        background.run('outcome of a consent', async () => {
          const result = await messenger.updateView(member, viewId, consentOutcomeView(outcome));
          // A modal that was closed is not found: the user has the message.
          if (!result.sent) logger.debug({ error: result.error }, 'a modal was not updated');
        }),
    });
  const revocation =
    oauth === undefined
      ? createNoRevocation({ database })
      : createRevocation({ database, renewal: oauth.renewal, callSlack, clock, onNotice });

  const routes = [
    createHealthRoute({ check: database.check, logger }),
    ...(oauth === undefined || consents === undefined
      ? []
      : createOAuthRoutes({ consents, oauth, slackApiUrl, mayInstall: botToken === undefined, logger })),
  ];
  const entrance = createEntrance({ config, routes, clock, logger });
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
  registerListeners(app, {
    permissions,
    grants,
    recorder,
    admins,
    sync,
    exchange,
    messenger,
    consents,
    revocation,
    workspaces,
    background,
    clock,
    logger,
  });

  if (botToken !== undefined) await slack.checkBackend(workspaces);

  const port = await entrance.start();
  const housekeeping = every(HOUSEKEEPING_INTERVAL_MS, clock, () =>
    background.run('housekeeping', async () => {
      await requests.expire();
      notices.deliver();
      sync.runIfDue();
    }),
  );
  const tidying = every(TIDYING_INTERVAL_MS, clock, () =>
    background.run('tidying', async () => {
      await botTokens.keepFresh(clock.now());
      await database.transact((tx) => deleteOldStates(tx, clock.now()));
    }),
  );
  sync.runIfDue();
  if (findTeam !== undefined) background.run('token check', () => verifyToken({ findTeam, logger }));
  logger.info({ port, database: toDatabaseName(config.database), slack_api_url: slackApiUrl }, 'listening');

  return {
    port,
    settled: background.settled,
    async stop() {
      housekeeping.cancel();
      tidying.cancel();
      sync.stop();
      await entrance.stop();
      await background.settled();
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
