import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { config as readDotenv } from 'dotenv';
import type { z } from 'zod';
import { ConfigError } from '../runtime/errors';
import type { LogLevel } from '../runtime/logger';
import { findProjectRoot } from '../runtime/project-root';
import { type EncryptionKey, readEncryptionKeys } from '../runtime/secrets/keys';
import { type Catalog, loadCatalog } from './catalog';
import { type DatabaseConfig, readDatabaseUrl, toDatabaseConfig, toDatabaseSecrets } from './database-url';
import {
  type AuditChannel,
  environmentSchema,
  KEY_ADVICE,
  LOOPBACK,
  type Values,
  WEBHOOK_SECRET_ADVICE,
} from './environment';

/** Everything that the environment decides, checked. `.env.example` says the same to people. */
export interface Config {
  /** Of the one workspace that the app is installed in; undefined where workspaces install it by OAuth. */
  botToken: string | undefined;
  /** How Slack reaches the app: signed posts, or a socket that the app opens. */
  transport: Transport;
  /** What installing by OAuth and the `oauth` backend need; undefined where neither is set up. */
  oauth: OAuthConfig | undefined;
  /** What the sessions of admins, and the stubs of deleted days, are signed with. */
  /** The first signs; of the grant log, the others are known again. */
  signingKeys: readonly [string, ...string[]];
  /** 0: entries of the log are kept for ever. */
  retentionDays: number;
  backend: BackendSetting;
  /** Where browsers reach this app, if it is known; no slash at its end. */
  publicUrl: string | undefined;
  /** Ends with a slash. */
  slackApiUrl: string;
  /** 0 takes any free port. */
  port: number;
  database: DatabaseConfig;
  adminUserIds: ReadonlySet<string>;
  catalog: Catalog;
  requestTtlMs: number;
  /** For so long the app does not push on a user by itself what they denied. */
  denialCooldownMs: number;
  /** 0: no sync but when it is asked for. */
  syncIntervalMs: number;
  tier2PerMinute: number;
  /** Where the grant log is told in Slack; undefined: nowhere. */
  auditChannel: AuditChannel | undefined;
  auditWebhook: AuditWebhook | undefined;
  metrics: MetricsConfig;
  logLevel: LogLevel;
  proxy: ProxySettings;
  /** `slack run`, which sets two tokens and knows no client secret: that the app is not whole yet does not end it. */
  isSlackRun: boolean;
}

/** The proxy that outgoing calls take: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Undefined: none. */
export type ProxySettings = { httpProxy?: string; httpsProxy?: string; noProxy: string } | undefined;

export type Transport =
  | { kind: 'http'; signingSecret: string }
  /** Socket Mode, by an app-level token. */
  | { kind: 'socket'; appToken: string };

export interface OAuthConfig {
  clientId: string;
  clientSecret: string;
  /** Where Slack sends browsers back to; undefined: the one redirect address that the app's settings name. */
  redirectUri: string | undefined;
  /** The first encrypts; the others are still read. */
  keys: readonly EncryptionKey[];
  /** Of the workspaces and organisations that may install the app; empty: everybody. */
  allowedTeamIds: ReadonlySet<string>;
}

/** Where each entry of the grant log is posted, and what signs it. */
export interface AuditWebhook {
  url: string;
  secret: Buffer;
  /** As it was written, never to be shown. */
  secretText: string;
}

/** `GET /metrics`: on a port of its own, and, for who has the token, on `PORT`. With neither it is not there. */
export interface MetricsConfig {
  /** 0 takes any free port. */
  port: number | undefined;
  host: string;
  token: string | undefined;
}

/** `auto`: what the workspace knows. */
export type BackendSetting = 'native' | 'oauth' | 'auto';

export const INSTALL_PATH = '/slack/install';
export const REDIRECT_PATH = '/slack/oauth_redirect';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that are read, for `.env.example` to be held against. */
export const environmentVariables: readonly string[] = Object.keys(environmentSchema.shape);

/** The process's environment, with `.env` beside package.json filling what is not set. */
export function readEnvironment(): Environment {
  readDotenv({ path: join(findProjectRoot(), '.env'), quiet: true });
  return process.env;
}

/** Throws a `ConfigError` that lists every fault, not the first. */
export function loadConfig(environment: Environment): Config {
  const parsed = environmentSchema.safeParse(withoutEmpty(environment));
  const faults = parsed.success ? [] : toFaults(parsed.error);
  const catalogPath = resolve(findProjectRoot(), withoutEmpty(environment).SCOPE_CATALOG ?? 'scopes.json');
  const catalog = existsSync(catalogPath)
    ? loadCatalog(catalogPath)
    : {
        faults: [
          `SCOPE_CATALOG: there is no file ${catalogPath}. Name a JSON file, or leave it out for the shipped one.`,
        ],
      };
  faults.push(...toMissing(withoutEmpty(environment)));
  if ('faults' in catalog || !parsed.success || faults.length > 0) {
    throw new ConfigError([...faults, ...('faults' in catalog ? catalog.faults : [])]);
  }
  const values = parsed.data;
  return {
    botToken: values.SLACK_BOT_TOKEN,
    transport: toTransport(values),
    oauth: toOAuth(values),
    signingKeys: loadSigningKeys(environment),
    retentionDays: values.RETENTION_DAYS,
    backend: values.PERMISSIONS_BACKEND,
    publicUrl: values.PUBLIC_URL,
    slackApiUrl: values.SLACK_API_URL,
    port: values.PORT,
    database: toDatabaseConfig(values.DATABASE_URL),
    adminUserIds: new Set(values.ADMIN_USER_IDS),
    catalog: catalog.catalog,
    requestTtlMs: values.REQUEST_TTL_MINUTES * 60_000,
    denialCooldownMs: values.DENIAL_COOLDOWN_HOURS * 3_600_000,
    syncIntervalMs: values.SYNC_INTERVAL_MINUTES * 60_000,
    tier2PerMinute: values.TIER2_PER_MINUTE,
    auditChannel: values.AUDIT_CHANNEL,
    auditWebhook: toAuditWebhook(values),
    metrics: { port: values.METRICS_PORT, host: values.METRICS_HOST, token: values.METRICS_TOKEN },
    logLevel: values.LOG_LEVEL,
    proxy: toProxy(values, environment),
    isSlackRun: environment.SLACK_CLI_XAPP !== undefined,
  };
}

/**
 * What is missing of the variables that belong together. One token, or what installing by OAuth needs; a secret for
 * signed posts, or a token for a socket.
 */
function toMissing(environment: Environment): string[] {
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
  if (isSet('METRICS_PORT') && !isSet('METRICS_TOKEN') && !isOfThisMachine(environment.METRICS_HOST)) {
    missing.push(
      `METRICS_TOKEN is missing: METRICS_HOST lets other machines read the metrics, so write 16 characters or more, such as \`openssl rand -hex 32\` prints; or set METRICS_HOST=${LOOPBACK}.`,
    );
  }
  return missing;
}

/** Whether no other machine reaches this address. */
function isOfThisMachine(host = LOOPBACK): boolean {
  return /^(localhost|::1|127(\.\d{1,3}){3})$/i.test(host);
}

/** What the `oauth` backend still needs, a sentence each. */
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

/** Programs disagree on the case of these names: small letters count first, as with curl. */
function toProxy(values: Values, environment: Environment): ProxySettings {
  const lower = withoutEmpty(environment);
  const httpsProxy = lower.https_proxy ?? values.HTTPS_PROXY;
  const httpProxy = lower.http_proxy ?? values.HTTP_PROXY;
  if (httpsProxy === undefined && httpProxy === undefined) return undefined;
  const noProxy = lower.no_proxy ?? values.NO_PROXY ?? '';
  return { ...(httpsProxy && { httpsProxy }), ...(httpProxy && { httpProxy }), noProxy };
}

function toTransport({ SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret }: Values): Transport {
  if (appToken !== undefined) return { kind: 'socket', appToken };
  return { kind: 'http', signingSecret: signingSecret ?? '' };
}

/** A channel's id, or pairs of a workspace's and a channel's. */
function toAuditWebhook({
  AUDIT_WEBHOOK_URL: url,
  AUDIT_WEBHOOK_SECRET: secret,
}: Values): AuditWebhook | undefined {
  if (url === undefined || secret === undefined) return undefined;
  return { url, secret: secret.bytes, secretText: secret.text };
}

function toOAuth(values: Values): OAuthConfig | undefined {
  const { SLACK_CLIENT_ID: clientId, SLACK_CLIENT_SECRET: clientSecret, TOKEN_ENCRYPTION_KEY: keys } = values;
  if (clientId === undefined || clientSecret === undefined || keys === undefined) return undefined;
  const { PUBLIC_URL: publicUrl } = values;
  return {
    clientId,
    clientSecret,
    redirectUri: publicUrl === undefined ? undefined : `${publicUrl}${REDIRECT_PATH}`,
    keys,
    allowedTeamIds: new Set(values.INSTALL_ALLOWED_TEAMS),
  };
}

/** What must never be logged. */
export function toSecrets(config: Config): string[] {
  const { botToken, transport, oauth, auditWebhook, metrics, proxy } = config;
  return [
    ...(botToken === undefined ? [] : [botToken]),
    transport.kind === 'http' ? transport.signingSecret : transport.appToken,
    ...config.signingKeys,
    ...(oauth === undefined ? [] : [oauth.clientSecret, ...oauth.keys.map(({ text }) => text)]),
    ...(auditWebhook === undefined ? [] : [auditWebhook.secretText, auditWebhook.url]),
    ...(metrics.token === undefined ? [] : [metrics.token]),
    ...[proxy?.httpsProxy ?? '', proxy?.httpProxy ?? ''].filter((url) => url.includes('@')),
    ...toDatabaseSecrets(config.database),
  ];
}

/**
 * What the grant log is signed with. What stands in for SIGNING_KEY where that is left out stays known when it is set.
 * Throws a `ConfigError` where there is none.
 */
export function loadSigningKeys(environment: Environment): readonly [string, ...string[]] {
  const { SIGNING_KEY, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN } = withoutEmpty(environment);
  const texts = [...(SIGNING_KEY?.split(',') ?? []), SLACK_SIGNING_SECRET ?? '', SLACK_APP_TOKEN ?? ''];
  const [first, ...older] = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (first === undefined) {
    throw new ConfigError([
      'SIGNING_KEY is missing: the grant log is signed with it. Set what the app has: SIGNING_KEY, or, where that is left out, SLACK_SIGNING_SECRET or SLACK_APP_TOKEN.',
    ]);
  }
  return [first, ...older];
}

/** The keys alone, for the command line. */
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

/** The part that the command line needs: it reads the database, and talks to nobody. */
export function loadDatabaseConfig(environment: Environment): DatabaseConfig {
  return readDatabaseUrl('DATABASE_URL', withoutEmpty(environment).DATABASE_URL);
}

function toFaults(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`);
}

/** `NAME=` in a `.env` file means "not set". */
function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
}
