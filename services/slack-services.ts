import { type Config, listMissingForOAuth } from './config/config';
import type { Database } from './database/database';
import { type Metrics, noMetrics, toBuffering } from './metrics/metrics';
import { type BotTokens, createInstalledBotTokens, createSingleBotToken } from './oauth/bot-tokens';
import { createEnterprises, type Enterprises } from './oauth/enterprises';
import { createOAuth, type OAuth } from './oauth/oauth';
import { createWorkspaces, type Workspaces } from './oauth/workspaces';
import type { PermissionsBackend } from './permissions/backend';
import { type BackendChoice, createBackendChoice, createChosenBackend } from './permissions/backend-choice';
import { createTriggerExchange, type TriggerExchange } from './permissions/exchange/exchange';
import { createNativeBackend } from './permissions/native';
import { type ConsentView, createOAuthBackend } from './permissions/oauth';
import type { Background } from './runtime/background';
import type { Clock } from './runtime/clock';
import { ConfigError } from './runtime/errors';
import type { Logger } from './runtime/logger';
import { createSigner } from './runtime/secrets/signer';
import { withTimeout } from './runtime/with-timeout';
import { type ClockSkew, createClockSkew } from './slack/clock-skew';
import { openConnections } from './slack/connections';
import { createTokenOwnerFinder, type TokenOwner } from './slack/token-owner';
import { type CallSlack, createCallSlack } from './slack/web-api';

/** How long a start waits for Slack's word on which backend it knows. */
const START_TIMEOUT_MS = 5_000;

/** All by which the app reaches Slack, as it was configured. */
export interface SlackServices {
  callSlack: CallSlack;
  clockSkew: ClockSkew;
  botTokens: BotTokens;
  enterprises: Enterprises;
  exchange: TriggerExchange;
  backend: PermissionsBackend;
  /** Undefined where it is not set up. */
  oauth: OAuth | undefined;
  /** Whose token `SLACK_BOT_TOKEN` is; undefined where there is none. */
  findTokenOwner: (() => Promise<TokenOwner>) | undefined;
  workspaces: Workspaces;
  /**
   * Asks the one workspace of `SLACK_BOT_TOKEN` which backend it knows, where nothing but the answer can tell whether the
   * configuration is whole. Throws a `ConfigError` where that is `oauth`, and what it needs is missing.
   */
  checkBackend(): Promise<void>;
  close(): Promise<void>;
}

/** Throws a `ConfigError` where tokens are stored that the keys at hand cannot read. */
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
  /** From then on nothing is kept for a database that is away. */
  stopping?: AbortSignal;
  botScopes: readonly string[];
  consentView: ConsentView;
}): Promise<SlackServices> {
  const { slackApiUrl, catalog, botToken } = config;
  // Not the connections of the exchange: a slow list must not share them with a trigger.
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
  const findTokenOwner =
    botToken === undefined ? undefined : createTokenOwnerFinder({ callSlack, token: botToken, logger });
  const token =
    botToken === undefined || findTokenOwner === undefined ? undefined : { value: botToken, findTokenOwner };
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
    oauth,
    findTokenOwner,
    workspaces,
    async checkBackend() {
      if (config.backend !== 'auto') return;
      const asked = chooseForFirst();
      if (oauth !== undefined) {
        // Asked ahead of the first trigger, which need not wait for it then.
        asked.catch((error: unknown) =>
          logger.warn({ err: error }, 'failed to choose a backend: will retry'),
        );
        return;
      }
      // Who cannot be asked now is not known to be without it: requests tell.
      const choice = await withTimeout(asked, START_TIMEOUT_MS, clock);
      if (choice?.is !== 'oauth' || !choice.isRetired) return;
      const fault = new ConfigError([
        'This workspace has no Permissions API, which Slack retired in 2021: permissions are asked for over OAuth, and that is not set up.',
        ...listMissingForOAuth({}),
      ]);
      if (!config.isSlackRun) throw fault;
      // The app that `slack run` has just made is where the missing secrets are to be found.
      logger.error(
        { faults: fault.faults },
        'permissions cannot be requested yet: set the missing variables in .env',
      );
    },
    async close() {
      await oauth?.renewal.close();
      await exchange.close();
      await connections.close();
    },
  };
}
