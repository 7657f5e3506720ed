import type { View } from '@slack/web-api';
import { createAccessLog } from './admin/access-log';
import { createAdminReports } from './admin/admin-reports';
import { createAdmins, warnOfUnqualifiedIds } from './admin/admins';
import { createAppHome } from './admin/app-home/app-home';
import type { HomeContent } from './admin/app-home/content';
import { createAdminLinks } from './admin/links';
import { createSessionMonitor } from './admin/session-monitor';
import { createSessions } from './admin/sessions';
import { createVisibleTeams } from './admin/visible-teams';
import { createConsents } from './answers/consent/consents';
import type { ConsentOutcome } from './answers/consent/outcome';
import { createRevocation } from './answers/consent/revoke';
import { createRecorder } from './answers/recorder';
import type { Config } from './config/config';
import type { Database } from './database/database';
import { createGrants } from './grants/grants';
import type { LogEntry } from './grants/log/entry';
import { createRetention } from './grants/log/retention';
import { signUnsignedLog } from './grants/log/signing';
import { createTail } from './grants/log/tail';
import { createLogDelivery } from './messages/log-delivery/log-delivery';
import { createMessenger, type Message } from './messages/messenger';
import { createOutbox } from './messages/outbox';
import type { Notice } from './messages/outbox-store';
import { createRetryingMessenger } from './messages/retrying-messenger';
import type { Metrics } from './metrics/metrics';
import { deleteOldStates } from './oauth/states';
import type { ConsentView } from './permissions/oauth';
import { createPermissions } from './permissions/permissions';
import { createRateLimitQueue } from './permissions/queue/queue';
import { createInFlight } from './permissions/requests/in-flight';
import { createRequests } from './permissions/requests/requests';
import { createBackground } from './runtime/background';
import type { Clock } from './runtime/clock';
import type { Logger } from './runtime/logger';
import { createLogSigner } from './runtime/secrets/log-signer';
import { createSigner } from './runtime/secrets/signer';
import { createShortId } from './runtime/short-id';
import { createSlackServices } from './slack-services';
import { createSync } from './sync/sync';

/** What people read in Slack: services know no Block Kit. */
export interface Views {
  consentView: ConsentView;
  consentOutcomeView(outcome: ConsentOutcome): View;
  noticeMessage(notice: Notice): Message;
  homeView(content: HomeContent): View;
  logDeliveryMessage(entries: readonly LogEntry[]): { message: Message; count: number };
}

export type Services = Awaited<ReturnType<typeof createServices>>;

/** Joins the services. Throws a `ConfigError` where the configuration does not fit what is stored. */
export async function createServices({
  config,
  database,
  clock,
  logger,
  metrics,
  botScopes,
  getBaseUrl,
  views,
  collectMs,
}: {
  config: Config;
  database: Database;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** The scopes that an installation requests. */
  botScopes: readonly string[];
  /** The address at which browsers reach the app. */
  getBaseUrl: () => string;
  views: Views;
  /** As `createRequests` takes it. */
  collectMs: number;
}) {
  const { catalog, slackApiUrl, proxy, requestTtlMs, denialCooldownMs, retentionDays } = config;
  const { adminUserIds, syncIntervalMs: intervalMs, tier2PerMinute: perMinute } = config;
  const instanceId = createShortId();
  const background = createBackground({ logger });
  const stopping = new AbortController();
  const shared = { database, background, clock, logger, metrics };
  const slack = await createSlackServices({
    ...shared,
    config,
    stopping: stopping.signal,
    botScopes,
    consentView: views.consentView,
  });
  const { callSlack, clockSkew, botTokens, enterprises, exchange } = slack;
  const { backend, oauth, findTokenOwner, workspaces } = slack;
  const messenger = createMessenger({ ...shared, slackApiUrl, proxy, botTokens, clockSkew });
  const retryingMessenger = createRetryingMessenger({ ...shared, messenger });
  const inFlight = createInFlight();
  const grants = createGrants({ database });
  const requests = createRequests({
    ...shared,
    requestTtlMs,
    denialCooldownMs,
    collectMs,
    stopping: stopping.signal,
  });
  const outbox = createOutbox({
    ...shared,
    send: (notice) => messenger.send(notice, views.noticeMessage(notice)),
  });
  const onNotice = outbox.deliverDue;
  const recorder = createRecorder({ ...shared, inFlight, onNotice });
  const signer = createSigner(config.signingKeys[0]);
  const logSigner = createLogSigner(config.signingKeys);
  await signUnsignedLog({ ...shared, signer: logSigner });
  const accessLog = createAccessLog({ database, clock });
  const otherLogs = [accessLog];
  const retention = createRetention({ ...shared, signer: logSigner, clockSkew, retentionDays, otherLogs });
  const sync = createSync({ ...shared, backend, workspaces, perMinute, intervalMs, instanceId });
  const tail = createTail(shared);
  const logDelivery = createLogDelivery({
    ...shared,
    config,
    messenger,
    workspaces,
    logDeliveryMessage: views.logDeliveryMessage,
    tail,
    grants,
    instanceId,
  });
  const { recordCalled } = requests;
  const rateLimitQueue = createRateLimitQueue({ database, clock, perMinute, recordCalled });
  const permissions = createPermissions({
    ...shared,
    backend,
    catalog,
    requests,
    rateLimitQueue,
    perMinute,
    inFlight,
  });
  const admins = createAdmins({ adminUserIds, findTokenOwner, messenger });
  background.run('check of ADMIN_USER_IDS', () =>
    warnOfUnqualifiedIds({ adminUserIds, findTokenOwner, logger }),
  );
  const appHome = createAppHome({
    ...shared,
    grants,
    catalog,
    admins,
    backend,
    publish: (member, content) => messenger.publishHome(member, views.homeView(content)),
  });
  const consents =
    oauth &&
    createConsents({
      ...shared,
      callSlack,
      catalog,
      findUserName: messenger.findUserName,
      inFlight,
      onNotice,
      ...oauth,
      onOutcome: (member, viewId, outcome) =>
        background.run('outcome of a consent', async () => {
          const result = await messenger.updateView(member, viewId, views.consentOutcomeView(outcome));
          // A closed modal is `not_found`: the user has the message.
          if (!result.sent) logger.debug({ error: result.error }, 'failed to update a modal');
        }),
    });
  const renewal = oauth?.renewal;
  const revocation = createRevocation({ ...shared, renewal, callSlack, inFlight, onNotice });
  const adminLinks = createAdminLinks({ database, clock, getBaseUrl });
  const sessions = createSessions({ database, admins, signer, clock });
  const sessionMonitor = createSessionMonitor({ sessions, clock, background });
  const teams = createVisibleTeams({ workspaces, clock });
  const adminReports = createAdminReports({ database, grants, clock });
  const states = {
    deleteOld: () => database.transact((tx) => deleteOldStates(tx, clock.now())),
  };
  return {
    accessLog,
    adminLinks,
    admins,
    background,
    botTokens,
    catalog,
    consents,
    exchange,
    findTokenOwner,
    grants,
    appHome,
    retryingMessenger,
    messenger,
    outbox,
    oauth,
    enterprises,
    permissions,
    recorder,
    requests,
    retention,
    revocation,
    sessions,
    sessionMonitor,
    logDelivery,
    slack,
    states,
    /** Tries once more to write what is buffered for an unavailable database, and gives it up. */
    stopKeeping: () => stopping.abort(),
    sync,
    tail,
    teams,
    rateLimitQueue,
    adminReports,
    workspaces,
  };
}
