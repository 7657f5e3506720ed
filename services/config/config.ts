import { join, resolve } from 'node:path';
import { config as readDotenv } from 'dotenv';
import { ConfigError } from '../runtime/errors';
import { findProjectRoot } from '../runtime/project-root';
import { type EncryptionKey, readEncryptionKeys } from '../runtime/secrets/keys';
import { loadCatalog } from './catalog';
import { type DatabaseConfig, readDatabaseUrl, toDatabaseConfig, toDatabaseSecrets } from './database-url';
import {
  environmentSchema,
  KEY_ADVICE,
  LOOPBACK_HOST,
  type Values,
  WEBHOOK_SECRET_ADVICE,
} from './environment';

/** Everything that the environment decides, checked. `.env.example` documents the same for people. */
export type Config = ReturnType<typeof loadConfig>;

/** The proxy for outgoing calls: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Undefined: none. */
export type ProxySettings = { httpProxy?: string; httpsProxy?: string; noProxy: string } | undefined;
type Transport = { kind: 'http'; signingSecret: string } | { kind: 'socket'; appToken: string };

/** Where each entry of the grant log is posted, and what signs it. */
export type AuditWebhook = NonNullable<Config['auditWebhook']>;
export type OAuthConfig = NonNullable<Config['oauth']>;
export type MetricsConfig = Config['metrics'];

export const INSTALL_PATH = '/slack/install';
export const REDIRECT_PATH = '/slack/oauth_redirect';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every variable that is read; a test compares them with `.env.example`. */
export const environmentVariables: readonly string[] = Object.keys(environmentSchema.shape);

/** The process's environment; variables that are not set come from `.env` beside package.json. */
export function readEnvironment(): Environment {
  readDotenv({ path: join(findProjectRoot(), '.env'), quiet: true });
  return process.env;
}

/** Throws a `ConfigError` that lists every fault, not only the first. */
export function loadConfig(given: Environment) {
  const environment = withoutEmpty(given);
  const parsed = environmentSchema.safeParse(environment);
  const loaded = loadCatalog(resolve(findProjectRoot(), environment.SCOPE_CATALOG ?? 'scopes.json'));
  const faults = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}.`),
    ...listMissing(environment),
    ...('faults' in loaded ? loaded.faults : []),
  ];
  if (!parsed.success || 'faults' in loaded || faults.length > 0) throw new ConfigError(faults);
  const values = parsed.data;
  return {
    /** The token of the one workspace that the app is installed in; undefined where workspaces install it by OAuth. */
    botToken: values.SLACK_BOT_TOKEN,
    /** How Slack reaches the app: signed posts, or a socket that the app opens (Socket Mode). */
    transport: toTransport(values),
    /** Undefined unless installing by OAuth or the `oauth` backend is set up. */
    oauth: toOAuth(values),
    signingKeys: loadSigningKeys(environment),
    /** 0: log entries are never deleted. */
    retentionDays: values.RETENTION_DAYS,
    /** `auto`: whichever backend the workspace supports. */
    backend: values.PERMISSIONS_BACKEND,
    /** Where browsers reach this app, if known; has no trailing slash. */
    publicUrl: values.PUBLIC_URL,
    /** Ends with a slash. */
    slackApiUrl: values.SLACK_API_URL,
    /** 0: any free port. */
    port: values.PORT,
    database: toDatabaseConfig(values.DATABASE_URL),
    adminUserIds: new Set(values.ADMIN_USER_IDS),
    catalog: loaded.catalog,
    requestTtlMs: values.REQUEST_TTL_MINUTES * 60_000,
    /** After a denial the app does not prompt the user again on its own until this has passed. */
    denialCooldownMs: values.DENIAL_COOLDOWN_HOURS * 3_600_000,
    /** 0: no sync unless somebody starts one. */
    syncIntervalMs: values.SYNC_INTERVAL_MINUTES * 60_000,
    tier2PerMinute: values.TIER2_PER_MINUTE,
    /** The Slack channels that the grant log is posted to; undefined: none. */
    auditChannel: values.AUDIT_CHANNEL,
    auditWebhook: toAuditWebhook(values),
    /** `GET /metrics` is served on its own port, and on `PORT` to callers with the token; with neither, not at all. */
    metrics: { port: values.METRICS_PORT, host: values.METRICS_HOST, token: values.METRICS_TOKEN },
    logLevel: values.LOG_LEVEL,
    proxy: toProxy(environment, values),
    /** Started by `slack run`, which sets two tokens but no client secret: incomplete OAuth settings do not stop the app. */
    isSlackRun: given.SLACK_CLI_XAPP !== undefined,
  };
}

/** Variables that are required together: a token or the OAuth settings; a signing secret or a Socket Mode token. */
function listMissing(environment: Environment): string[] {
  const isSet = (name: keyof Values) => environment[name] !== undefined;
  const wantsOAuth =
    isSet('SLACK_CLIENT_ID') || isSet('SLACK_CLIENT_SECRET') || environment.PERMISSIONS_BACKEND === 'oauth';
  const missing: string[] = [];
  if (!isSet('SLACK_BOT_TOKEN') && !wantsOAuth) {
    missing.push(
      'SLACK_BOT_TOKEN is missing: write the bot token from "OAuth & Permissions" in your app\'s settings (it starts with xoxb-), or set SLACK_CLIENT_ID and SLACK_CLIENT_SECRET for workspaces to install the app by OAuth.',
    );
  }
  if (!isSet('SLACK_SIGNING_SECRET') && !isSet('SLACK_APP_TOKEN')) {
    missing.push(
      'SLACK_SIGNING_SECRET is missing: write the signing secret from "Basic Information" in your app\'s settings, or set SLACK_APP_TOKEN for Socket Mode.',
    );
  }
  if (wantsOAuth) missing.push(...listMissingForOAuth(environment));
  if (isSet('AUDIT_WEBHOOK_URL') && !isSet('AUDIT_WEBHOOK_SECRET')) {
    missing.push(`AUDIT_WEBHOOK_SECRET is missing: ${WEBHOOK_SECRET_ADVICE}; the receiver verifies with it.`);
  }
  if (/^\s*[CG]/.test(environment.AUDIT_CHANNEL ?? '') && !isSet('SLACK_BOT_TOKEN')) {
    missing.push(
      'AUDIT_CHANNEL must say which workspace each channel is in where workspaces install the app: pairs such as T0123ABC:C0456DEF, with commas between them.',
    );
  }
  if (isSet('METRICS_PORT') && !isSet('METRICS_TOKEN') && !isLoopback(environment.METRICS_HOST)) {
    missing.push(
      `METRICS_TOKEN is missing: METRICS_HOST lets other machines read the metrics, so write 16 characters or more, such as \`openssl rand -hex 32\` prints; or set METRICS_HOST=${LOOPBACK_HOST}.`,
    );
  }
  return missing;
}

function isLoopback(host = LOOPBACK_HOST): boolean {
  return /^(localhost|::1|127(\.\d{1,3}){3})$/i.test(host);
}

/** What the `oauth` backend lacks, one sentence each. */
export function listMissingForOAuth(environment: Environment): string[] {
  const needed: [keyof Values, string][] = [
    ['SLACK_CLIENT_ID', 'write the client ID from "Basic Information" in your app\'s settings'],
    ['SLACK_CLIENT_SECRET', 'write the client secret from "Basic Information" in your app\'s settings'],
    ['TOKEN_ENCRYPTION_KEY', `${KEY_ADVICE}: tokens are kept encrypted with it`],
  ];
  return needed
    .filter(([name]) => environment[name] === undefined)
    .map(([name, advice]) => `${name} is missing: ${advice}.`);
}

/** Lower-case names take precedence, as in curl: programs disagree on the case. */
function toProxy(environment: Environment, values: Values): ProxySettings {
  const httpsProxy = environment.https_proxy ?? values.HTTPS_PROXY;
  const httpProxy = environment.http_proxy ?? values.HTTP_PROXY;
  if (httpsProxy === undefined && httpProxy === undefined) return undefined;
  const noProxy = environment.no_proxy ?? values.NO_PROXY ?? '';
  return { ...(httpsProxy && { httpsProxy }), ...(httpProxy && { httpProxy }), noProxy };
}

function toTransport({
  SLACK_APP_TOKEN: appToken,
  SLACK_SIGNING_SECRET: signingSecret = '',
}: Values): Transport {
  return appToken === undefined ? { kind: 'http', signingSecret } : { kind: 'socket', appToken };
}

function toAuditWebhook({ AUDIT_WEBHOOK_URL: url, AUDIT_WEBHOOK_SECRET: secret }: Values) {
  if (url === undefined || secret === undefined) return undefined;
  return { url, secret: secret.bytes, /** As configured; must never be shown. */ secretText: secret.text };
}

function toOAuth(values: Values) {
  const { SLACK_CLIENT_ID: clientId, SLACK_CLIENT_SECRET: clientSecret, TOKEN_ENCRYPTION_KEY: keys } = values;
  if (clientId === undefined || clientSecret === undefined || keys === undefined) return undefined;
  return {
    clientId,
    clientSecret,
    /** Where Slack redirects browsers; undefined: the only redirect URL in the app's settings. */
    redirectUri: values.PUBLIC_URL && `${values.PUBLIC_URL}${REDIRECT_PATH}`,
    /** The first encrypts; all of them decrypt. */
    keys,
    /** The workspaces and organisations that may install the app; empty: any. */
    allowedTeamIds: new Set(values.INSTALL_ALLOWED_TEAMS),
  };
}

/** Every configured value that must never be logged. */
export function toSecrets({ oauth, auditWebhook, proxy, ...config }: Config): string[] {
  const { transport } = config;
  const secrets = [
    config.botToken,
    transport.kind === 'http' ? transport.signingSecret : transport.appToken,
    ...config.signingKeys,
    oauth?.clientSecret,
    ...(oauth?.keys ?? []).map(({ text }) => text),
    auditWebhook?.secretText,
    auditWebhook?.url,
    config.metrics.token,
    ...[proxy?.httpsProxy, proxy?.httpProxy].filter((url) => url?.includes('@')),
    ...toDatabaseSecrets(config.database),
  ];
  return secrets.filter((secret) => secret !== undefined);
}

/**
 * The keys of the grant log's signatures; the first also signs the sessions of admins. The first signs, all of them
 * verify: the secrets that stand in for a missing SIGNING_KEY still verify once it is set. Throws a `ConfigError`
 * where there is none.
 */
export function loadSigningKeys(environment: Environment): readonly [string, ...string[]] {
  const { SIGNING_KEY = '', SLACK_SIGNING_SECRET = '', SLACK_APP_TOKEN = '' } = environment;
  const texts = [...SIGNING_KEY.split(','), SLACK_SIGNING_SECRET, SLACK_APP_TOKEN];
  const [first, ...older] = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (first === undefined) {
    throw new ConfigError([
      'SIGNING_KEY is missing: the grant log is signed with it. Set what the app has: SIGNING_KEY, or, where that is left out, SLACK_SIGNING_SECRET or SLACK_APP_TOKEN.',
    ]);
  }
  return [first, ...older];
}

/** Only the encryption keys, for the command line. */
export function loadEncryptionKeys(environment: Environment): readonly EncryptionKey[] {
  const text = withoutEmpty(environment).TOKEN_ENCRYPTION_KEY;
  const keys = text === undefined ? undefined : readEncryptionKeys(text);
  if (keys === undefined) {
    throw new ConfigError([
      `TOKEN_ENCRYPTION_KEY ${text === undefined ? 'is missing' : 'cannot be read'}: ${KEY_ADVICE}.`,
    ]);
  }
  return keys;
}

/** Only the database, for the command line, which does not talk to Slack. */
export function loadDatabaseConfig(environment: Environment): DatabaseConfig {
  return readDatabaseUrl('DATABASE_URL', withoutEmpty(environment).DATABASE_URL);
}

/** `NAME=` in a `.env` file means "not set". */
function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
}
