import { type Config, listMissingForOAuth } from './config/config';
import type { Database } from './database/database';
import { type Metrics, noMetrics, toBuffering } from './metrics/metrics';
import { type BotTokens, createInstalledBotTokens, createSingleBotToken } from './oauth/bot-tokens';
import { createEnterprises } from './oauth/enterprises';
import { createOAuth } from './oauth/oauth';
import { createWorkspaces } from './oauth/workspaces';
import type { PermissionsBackend } from './permissions/backend';
import { type BackendChoice, createBackendChoice, createChosenBackend } from './permissions/backend-choice';
import { createTriggerExchange } from './permissions/exchange/exchange';
import { createNativeBackend } from './permissions/native';
import { type ConsentView, createOAuthBackend } from './permissions/oauth';
import type { Background } from './runtime/background';
import type { Clock } from './runtime/clock';
import { ConfigError } from './runtime/errors';
import type { Logger } from './runtime/logger';
import { createSigner } from './runtime/secrets/signer';
import { withTimeout } from './runtime/with-timeout';
import { createClockSkew } from './slack/clock-skew';
import { openConnections } from './slack/connections';
import { createTokenOwnerFinder } from './slack/token-owner';
import { createCallSlack } from './slack/web-api';

/** How long a start waits for Slack to tell which backend it offers. */
const START_TIMEOUT_MS = 5_000;

export type SlackServices = Awaited<ReturnType<typeof createSlackServices>>;

/** Joins what reaches Slack. Throws a `ConfigError` where the configured keys cannot read the stored tokens. */
export async function createSlackServices({
  config,
  database,
  background,
  clock,
  logger,
  metrics = noMetrics,
  stopping = new AbortController().signal,
  botScopes,
  consentView,
}: {
  config: Config;
  database: Database;
  background: Background;
  clock: Clock;
  logger: Logger;
  metrics?: Metrics;
  /** Once aborted, nothing is buffered any more for an unavailable database. */
  stopping?: AbortSignal;
  botScopes: readonly string[];
  consentView: ConsentView;
}) {
  const { slackApiUrl, catalog, botToken } = config;
  // The exchange has connections of its own: a slow list must not delay a trigger.
  const connections = openConnections(config.proxy);
  const clockSkew = createClockSkew({ clock, logger });
  const callSlack = createCallSlack({ connections, slackApiUrl, clock, clockSkew, metrics });
  const signer = createSigner(config.signingKeys[0]);
  const shared = { slackApiUrl, database, callSlack, clock, logger, metrics };
  const oauth = config.oauth && (await createOAuth({ config: config.oauth, botScopes, signer, ...shared }));
  const enterprises = createEnterprises({ database, background, clock });
  const botTokens = createBotTokens();
  const exchange = createTriggerExchange({
    slackApiUrl,
    proxy: config.proxy,
    botTokens,
    clock,
    clockSkew,
    metrics,
  });
  const token =
    botToken === undefined
      ? undefined
      : { value: botToken, findTokenOwner: createTokenOwnerFinder({ callSlack, token: botToken, logger }) };
  const workspaces = createWorkspaces({ database, token, callSlack, clock, logger });
  const choose = createBackendChoice({ callSlack, botTokens, logger });

  function createBotTokens(): BotTokens {
    if (config.botToken !== undefined || oauth === undefined)
      return createSingleBotToken(config.botToken ?? '');
    return createInstalledBotTokens({ database, renewal: oauth.renewal });
  }

  function createBackend(): PermissionsBackend {
    const native = createNativeBackend({ exchange, callSlack, botTokens });
    if (config.backend === 'native' || oauth === undefined) return native;
    const consent = createOAuthBackend({
      exchange,
      database,
      callSlack,
      botTokens,
      catalog,
      clock,
      oauth,
      consentView,
      background,
      buffering: toBuffering('consent_links', { stopping, metrics }),
    });
    return config.backend === 'oauth'
      ? consent
      : createChosenBackend({ choose, native, oauth: consent, clock });
  }

  async function chooseForFirst(): Promise<BackendChoice | undefined> {
    const known = await workspaces.list();
    const [workspace] = 'error' in known ? [] : known.workspaces;
    return workspace && choose(workspace);
  }

  return {
    callSlack,
    clockSkew,
    botTokens,
    enterprises,
    exchange,
    backend: createBackend(),
    /** Undefined where it is not configured. */
    oauth,
    /** Whose token `SLACK_BOT_TOKEN` is; undefined where it is not set. */
    findTokenOwner: token?.findTokenOwner,
    workspaces,
    /**
     * Asks the one workspace of `SLACK_BOT_TOKEN` which backend it offers. Throws a `ConfigError` where that is `oauth` and
     * its configuration is missing: nothing but Slack's answer can tell.
     */
    async checkBackend(): Promise<void> {
      if (config.backend !== 'auto') return;
      const asked = chooseForFirst();
      if (oauth !== undefined) {
        // Asked now, so that the first trigger need not wait.
        asked.catch((error: unknown) =>
          logger.warn({ err: error }, 'failed to choose a backend: will retry'),
        );
        return;
      }
      // Without an answer nothing is known; requests will tell.
      const choice = await withTimeout(asked, START_TIMEOUT_MS, clock);
      if (choice?.is !== 'oauth' || !choice.isRetired) return;
      const fault = new ConfigError([
        'This workspace has no Permissions API, which Slack retired in 2021: permissions are asked for over OAuth, and that is not set up.',
        ...listMissingForOAuth({}),
      ]);
      if (!config.isSlackRun) throw fault;
      // The missing secrets are found in the app that `slack run` has just created.
      logger.error(
        { faults: fault.faults },
        'permissions cannot be requested yet: set the missing variables in .env',
      );
    },
    async close(): Promise<void> {
      await oauth?.renewal.close();
      await exchange.close();
      await connections.close();
    },
  };
}
