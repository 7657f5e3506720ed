import { App } from '@slack/bolt';
import { type FetchFunction, WebClient } from '@slack/web-api';
import { createEntrance } from './entrance';
import { registerListeners } from './listeners';
import { callTurn } from './listeners/answer';
import { auditMessage } from './listeners/blocks/audit';
import { consentOutcomeView, consentView } from './listeners/blocks/consent';
import { homeView } from './listeners/blocks/home';
import { noticeMessage } from './listeners/blocks/record';
import { createWaitingReplies } from './listeners/waiting-replies';
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
import { createRetention } from './services/grants/retention';
import { createTail } from './services/grants/tail';
import { createHomes } from './services/homes/homes';
import { deleteOldStates } from './services/installations/states';
import { createWorkspaces } from './services/installations/workspaces';
import { createLogger, type Logger, toSlackLogger } from './services/logger';
import { createWatchedApp, type WatchedApp } from './services/metrics/exposition';
import type { Metrics } from './services/metrics/metrics';
import { createNotices } from './services/notices/notices';
import { createPermissions } from './services/permissions/permissions';
import { createReference } from './services/reference';
import { createInFlight } from './services/requests/in-flight';
import { createRequests } from './services/requests/requests';
import { every } from './services/schedule';
import { createSigner } from './services/secrets/signer';
import { createConfiguredSinks } from './services/sinks/configured';
import { createSinks } from './services/sinks/sinks';
import { createSlack } from './services/slack';
import { createMessenger } from './services/slack-messages';
import { createTeamFinder, verifyToken } from './services/slack-token';
import { createSync } from './services/sync/sync';
import { createTurns } from './services/turns/turns';
import { createAdminLinks } from './services/watching/links';
import { createSessions } from './services/watching/sessions';
import { createVisibleTeams } from './services/watching/teams';
import { createWatching } from './services/watching/watching';
import { createAdminPages } from './web/admin/routes';
import { createHealthRoute } from './web/health';
import { createOAuthRoutes } from './web/install';
import { createMetricsPages } from './web/metrics';

export interface RunningApp {
  port: number;
  /** Of `GET /metrics`, where it has one of its own. */
  metricsPort: number | undefined;
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
function createFetchInTime({ limited }: Metrics): FetchFunction {
  return async (url, init) => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(MESSAGE_TIMEOUT_MS) });
    // The last part of the address of a method is its name; that of a response_url is a secret.
    const [, method = 'response_url'] = /\/api\/([\w.]+)$/.exec(String(url)) ?? [];
    if (response.status === 429) limited(method);
    return response;
  };
}

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
  const { catalog, botToken, slackApiUrl } = config;
  const instanceId = createReference();
  const { metrics } = watched;
  const background = createBackground({ logger });
  // One try a call: what is worth repeating is kept in the database and tried again from there.
  const clientOptions = {
    slackApiUrl,
    logger: toSlackLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch: createFetchInTime(metrics),
  };
  const slack = await createSlack({
    config,
    database,
    clock,
    logger,
    metrics,
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
  const requests = createRequests({ database, clock, requestTtlMs: config.requestTtlMs, metrics });
  const notices = createNotices({
    database,
    clock,
    background,
    logger,
    send: (notice) => messenger.send(notice, noticeMessage(notice)),
  });
  const onNotice = notices.deliver;
  const recorder = createRecorder({ database, clock, inFlight, onNotice, metrics });
  const workspaces = createWorkspaces({ database, findTeam });
  const signer = createSigner(config.signingKey);
  const { retentionDays } = config;
  const retention = createRetention({ database, signer, clock, logger, retentionDays });
  const sync = createSync({
    database,
    backend,
    workspaces,
    clock,
    background,
    logger,
    perMinute: config.tier2PerMinute,
    intervalMs: config.syncIntervalMs,
    instanceId,
    metrics,
  });
  const tail = createTail({ database, clock, background });
  const sinks = createSinks({
    sinks: createConfiguredSinks({ config, messenger, workspaces, toMessage: auditMessage, clock }),
    tail,
    database,
    grants,
    clock,
    background,
    logger,
    instanceId,
  });
  const turns = createTurns({ database, clock, perMinute: config.tier2PerMinute });
  const permissions = createPermissions({
    backend,
    catalog,
    grants,
    requests,
    turns,
    perMinute: config.tier2PerMinute,
    inFlight,
    clock,
    logger,
  });
  const waitingReplies = createWaitingReplies(clock.now);
  const admins = createAdmins({ adminUserIds: config.adminUserIds, messenger });
  const homes = createHomes({
    database,
    grants,
    catalog,
    admins,
    clock,
    background,
    logger,
    publish: (member, content) => messenger.publishHome(member, homeView(content)),
  });
  const consents =
    oauth &&
    createConsents({
      database,
      callSlack,
      catalog,
      clock,
      logger,
      metrics,
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
      : createRevocation({ database, renewal: oauth.renewal, callSlack, clock, metrics, onNotice });

  const { publicUrl } = config;
  let ownPort = config.port;
  const getBaseUrl = () => publicUrl ?? `http://localhost:${ownPort}`;
  const adminLinks = createAdminLinks({ database, clock, getBaseUrl });
  const sessions = createSessions({ database, admins, signer, clock });
  const adminPages = createAdminPages({
    links: adminLinks,
    sessions,
    teams: createVisibleTeams({ database, clock }),
    watching: createWatching({ database, grants, clock }),
    grants,
    tail,
    sync,
    syncIntervalMs: config.syncIntervalMs,
    catalog,
    publicUrl,
    background,
    clock,
    logger,
  });
  const metricsPages = createMetricsPages({
    config: config.metrics,
    exposition: watched.createExposition({ database, clock, isTold: sinks.has }),
    logger,
  });
  const routes = [
    ...metricsPages.routes,
    ...adminPages.routes,
    createHealthRoute({ check: database.check, logger }),
    ...(oauth === undefined || consents === undefined
      ? []
      : createOAuthRoutes({ consents, oauth, slackApiUrl, mayInstall: botToken === undefined, logger })),
  ];
  const entrance = createEntrance({ config, routes, clock, logger, metrics });
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
    catalog,
    grants,
    recorder,
    admins,
    adminLinks,
    sync,
    homes,
    exchange,
    messenger,
    consents,
    revocation,
    workspaces,
    waitingReplies,
    background,
    clock,
    logger,
  });

  if (botToken !== undefined) await slack.checkBackend(workspaces);

  await sinks.prepare();
  const port = await entrance.start();
  ownPort = port;
  const metricsPort = await metricsPages.start().catch(async (error: unknown) => {
    await entrance.stop();
    throw error;
  });
  sinks.start();
  const housekeeping = every(HOUSEKEEPING_INTERVAL_MS, clock, () => {
    background.run('turns', async () => {
      const called = await requests.recordCalled(await turns.call());
      for (const request of called) callTurn({ waitingReplies, messenger, background, logger }, request);
    });
    background.run('housekeeping', async () => {
      await requests.expire();
      notices.deliver();
      homes.refresh();
      sync.runIfDue();
    });
  });
  const tidying = every(TIDYING_INTERVAL_MS, clock, () =>
    background.run('tidying', async () => {
      await botTokens.keepFresh(clock.now());
      await database.transact((tx) => deleteOldStates(tx, clock.now()));
      await retention.run();
      await sessions.deleteOld();
    }),
  );
  sync.runIfDue();
  if (findTeam !== undefined) background.run('token check', () => verifyToken({ findTeam, logger }));
  logger.info({ port, database: toDatabaseName(config.database), slack_api_url: slackApiUrl }, 'listening');

  return {
    port,
    metricsPort,
    settled: background.settled,
    async stop() {
      housekeeping.cancel();
      tidying.cancel();
      sync.stop();
      sinks.stop();
      adminPages.stop();
      await entrance.stop();
      await metricsPages.stop();
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
