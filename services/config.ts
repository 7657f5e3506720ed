import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config as readDotenv } from 'dotenv';
import { z } from 'zod';
import { type Catalog, loadCatalog } from './catalog';
import { ConfigError } from './errors';
import { findProjectRoot } from './project-root';
import { type EncryptionKey, readEncryptionKeys } from './secrets/keys';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Everything that the environment decides, checked. `.env.example` says the same to people. */
export interface Config {
  /** Of the one workspace that the app is installed in; undefined where workspaces install it by OAuth. */
  botToken: string | undefined;
  /** How Slack reaches the app: signed posts, or a socket that the app opens. */
  transport: Transport;
  /** What installing by OAuth and the `oauth` backend need; undefined where neither is set up. */
  oauth: OAuthConfig | undefined;
  /** What the sessions of admins, and the stubs of deleted days, are signed with. */
  signingKey: string;
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
  /** 0: no sync but when it is asked for. */
  syncIntervalMs: number;
  tier2PerMinute: number;
  /** Where the grant log is told in Slack; undefined: nowhere. */
  auditChannel: AuditChannel | undefined;
  auditWebhook: AuditWebhook | undefined;
  metrics: MetricsConfig;
  logLevel: LogLevel;
}

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
}

/** One channel for all that is recorded, or a channel for each of these workspaces: their ids, and the channels'. */
export type AuditChannel = { channel: string } | { byTeam: ReadonlyMap<string, string> };

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

/** Which database, and where. The URL holds a password: `toDatabaseName` is what may be shown. */
export type DatabaseConfig =
  | {
      kind: 'sqlite';
      /** Absolute path of the file. */
      path: string;
    }
  | { kind: 'postgres'; url: string };

type Environment = Readonly<Record<string, string | undefined>>;

const root = findProjectRoot();

const SQLITE_URL = /^file:(\/\/\/|\/)?[^/]/;
const POSTGRES_URL = /^postgres(ql)?:\/\//;

const databaseUrl = z
  .string()
  .default('file:./data/scopekeeper.db')
  .superRefine((url, context) => {
    const fault = POSTGRES_URL.test(url) ? toPostgresFault(url) : toFileFault(url);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

const KEY_ADVICE = 'write 32 random bytes, such as `openssl rand -base64 32` prints them';

const WEBHOOK_ADVICE =
  'must be the address that takes the entries, without a user or a password in it, such as https://audit.example.com/scopekeeper';
const WEBHOOK_SECRET_ADVICE =
  'write whsec_ and 24 to 64 random bytes in base64, such as `echo "whsec_$(openssl rand -base64 32)"` prints';

const environmentSchema = z.object({
  SLACK_BOT_TOKEN: z
    .string()
    .regex(
      /^xox\S+$/,
      'does not look like a token: copy it from "OAuth & Permissions" in your app\'s settings (it starts with xoxb-)',
    )
    .optional(),
  SLACK_SIGNING_SECRET: z
    .string()
    .regex(/^\S+$/, 'has white space in it: copy it again from "Basic Information" in your app\'s settings')
    .optional(),
  SLACK_APP_TOKEN: z
    .string()
    .regex(
      /^xapp-\S+$/,
      'does not look like an app-level token: make one with the scope connections:write under "Basic Information" in your app\'s settings (it starts with xapp-)',
    )
    .optional(),
  SLACK_CLIENT_ID: z
    .string()
    .regex(/^\S+$/, 'has white space in it: copy it again from "Basic Information" in your app\'s settings')
    .optional(),
  SLACK_CLIENT_SECRET: z
    .string()
    .regex(/^\S+$/, 'has white space in it: copy it again from "Basic Information" in your app\'s settings')
    .optional(),
  PUBLIC_URL: z
    .url({
      protocol: /^https?$/,
      error: 'must be the address at which browsers reach this app, such as https://scopekeeper.example.com',
    })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  TOKEN_ENCRYPTION_KEY: z
    .string()
    .transform((text, context) => {
      const keys = readEncryptionKeys(text);
      if (keys !== undefined) return keys;
      context.addIssue({
        code: 'custom',
        message: `cannot be read: ${KEY_ADVICE}; older keys follow after a comma`,
      });
      return z.NEVER;
    })
    .optional(),
  SIGNING_KEY: z
    .string()
    .min(16, 'must be at least 16 characters long, such as `openssl rand -base64 32` prints')
    .optional(),
  PERMISSIONS_BACKEND: z
    .enum(['native', 'oauth', 'auto'], { error: 'must be one of native, oauth, auto' })
    .default('auto'),
  SLACK_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address, such as https://slack.com/api/' })
    .default('https://slack.com/api/')
    .transform((url) => (url.endsWith('/') ? url : `${url}/`)),
  PORT: z
    .string()
    .default('3000')
    .refine((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, {
      error: 'must be a whole number from 0 to 65535',
    })
    .transform(Number),
  DATABASE_URL: databaseUrl,
  ADMIN_USER_IDS: z
    .string()
    .default('')
    .transform(splitList)
    .refine((ids) => ids.every((id) => /^[UW][A-Z0-9]+$/.test(id)), {
      error: 'must be Slack user ids with commas between them, such as U012AB3CD,W056EF7GH',
    }),
  SCOPE_CATALOG: z.string().default('scopes.json'),
  REQUEST_TTL_MINUTES: z
    .string()
    .default('10')
    .refine((minutes) => /^\d+(\.\d+)?$/.test(minutes) && Number(minutes) > 0 && Number(minutes) <= 1440, {
      error: 'must be a number of minutes over 0, at most 1440, such as 10',
    })
    .transform(Number),
  SYNC_INTERVAL_MINUTES: z
    .string()
    .default('60')
    .refine((minutes) => /^\d+(\.\d+)?$/.test(minutes) && Number(minutes) <= 10_080, {
      error: 'must be a number of minutes, at most 10080 (a week), such as 60; 0 turns the sync off',
    })
    .transform(Number),
  TIER2_PER_MINUTE: z
    .string()
    .default('20')
    .refine((calls) => /^[1-9]\d{0,5}$/.test(calls), {
      error: 'must be a whole number of calls a minute from 1, such as 20',
    })
    .transform(Number),
  RETENTION_DAYS: z
    .string()
    .default('0')
    .refine((days) => /^\d{1,5}$/.test(days), {
      error: 'must be a whole number of days, such as 400; 0 keeps entries for ever',
    })
    .transform(Number),
  AUDIT_CHANNEL: z.string().transform(toAuditChannel).optional(),
  AUDIT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: WEBHOOK_ADVICE })
    .refine((url) => !/^\w+:\/\/[^/?#]*@/.test(url), { error: WEBHOOK_ADVICE, abort: true })
    .optional(),
  AUDIT_WEBHOOK_SECRET: z.string().transform(toWebhookSecret).optional(),
  METRICS_PORT: z
    .string()
    .refine((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, {
      error: 'must be a whole number from 0 to 65535',
    })
    .transform(Number)
    .optional(),
  METRICS_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them')
    .default('127.0.0.1'),
  METRICS_TOKEN: z
    .string()
    .regex(
      /^\S{16,}$/,
      'must be 16 characters or more without white space, such as `openssl rand -hex 32` prints',
    )
    .optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
});

/** The variables that are read, for `.env.example` to be held against. */
export const environmentVariables: readonly string[] = Object.keys(environmentSchema.shape);

/** The process's environment, with `.env` beside package.json filling what is not set. */
export function readEnvironment(): Environment {
  readDotenv({ path: join(root, '.env'), quiet: true });
  return process.env;
}

/** Throws a `ConfigError` that lists every fault, not the first. */
export function loadConfig(environment: Environment): Config {
  const parsed = environmentSchema.safeParse(withoutEmpty(environment));
  const faults = parsed.success ? [] : toFaults(parsed.error);
  const catalogPath = resolve(root, withoutEmpty(environment).SCOPE_CATALOG ?? 'scopes.json');
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
    signingKey: loadSigningKey(environment),
    retentionDays: values.RETENTION_DAYS,
    backend: values.PERMISSIONS_BACKEND,
    publicUrl: values.PUBLIC_URL,
    slackApiUrl: values.SLACK_API_URL,
    port: values.PORT,
    database: toDatabaseConfig(values.DATABASE_URL),
    adminUserIds: new Set(values.ADMIN_USER_IDS),
    catalog: catalog.catalog,
    requestTtlMs: values.REQUEST_TTL_MINUTES * 60_000,
    syncIntervalMs: values.SYNC_INTERVAL_MINUTES * 60_000,
    tier2PerMinute: values.TIER2_PER_MINUTE,
    auditChannel: values.AUDIT_CHANNEL,
    auditWebhook: toAuditWebhook(values),
    metrics: { port: values.METRICS_PORT, host: values.METRICS_HOST, token: values.METRICS_TOKEN },
    logLevel: values.LOG_LEVEL,
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
  return missing;
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

type Values = z.infer<typeof environmentSchema>;

function toTransport({ SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret }: Values): Transport {
  if (appToken !== undefined) return { kind: 'socket', appToken };
  return { kind: 'http', signingSecret: signingSecret ?? '' };
}

/** A channel's id, or pairs of a workspace's and a channel's. */
function toAuditChannel(text: string, context: z.RefinementCtx): AuditChannel {
  if (/^[CG][A-Z0-9]+$/.test(text.trim())) return { channel: text.trim() };
  const pairs = splitList(text).map((pair) => /^(T[A-Z0-9]+):([CG][A-Z0-9]+)$/.exec(pair));
  const byTeam = new Map(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? '', pair[2] ?? '']])));
  if (byTeam.size === pairs.length && pairs.length > 0) return { byTeam };
  context.addIssue({
    code: 'custom',
    message:
      'must be the id of a channel, such as C0123ABC, or a pair for each workspace, such as T0123ABC:C0456DEF,T0789GHI:C0012JKL',
  });
  return z.NEVER;
}

/** By Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function toWebhookSecret(text: string, context: z.RefinementCtx): { text: string; bytes: Buffer } {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length >= 24 && bytes.length <= 64) return { text, bytes };
  context.addIssue({ code: 'custom', message: `cannot be read: ${WEBHOOK_SECRET_ADVICE}` });
  return z.NEVER;
}

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
  };
}

/** What must never be logged. */
export function toSecrets(config: Config): string[] {
  const { botToken, transport, oauth, auditWebhook, metrics } = config;
  return [
    ...(botToken === undefined ? [] : [botToken]),
    transport.kind === 'http' ? transport.signingSecret : transport.appToken,
    config.signingKey,
    ...(oauth === undefined ? [] : [oauth.clientSecret, ...oauth.keys.map(({ text }) => text)]),
    ...(auditWebhook === undefined ? [] : [auditWebhook.secretText, auditWebhook.url]),
    ...(metrics.token === undefined ? [] : [metrics.token]),
    ...toDatabaseSecrets(config.database),
  ];
}

/** What the stubs of deleted days were signed with, for the command line. */
export function loadSigningKey(environment: Environment): string {
  const set = withoutEmpty(environment);
  return set.SIGNING_KEY ?? set.SLACK_SIGNING_SECRET ?? set.SLACK_APP_TOKEN ?? '';
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

/** An address in the form of DATABASE_URL that was given elsewhere; `name` is where, for whoever made a fault in it. */
export function readDatabaseUrl(name: string, url: string | undefined): DatabaseConfig {
  const parsed = databaseUrl.safeParse(url);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${name} ${issue.message}.`));
  return toDatabaseConfig(parsed.data);
}

function toDatabaseConfig(url: string): DatabaseConfig {
  if (POSTGRES_URL.test(url)) return { kind: 'postgres', url };
  const path = url.startsWith('file:///') ? fileURLToPath(url) : resolve(root, url.slice('file:'.length));
  return { kind: 'sqlite', path };
}

function toFileFault(url: string): string | undefined {
  if (SQLITE_URL.test(url)) return undefined;
  return 'must be file: and a path, such as file:./data/scopekeeper.db, or the address of a PostgreSQL database, such as postgres://user:password@host:5432/scopekeeper';
}

/** Never shows the address itself: it may hold a password. */
function toPostgresFault(url: string): string | undefined {
  try {
    const { username, password, pathname } = new URL(url);
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    if (/^\/[^/]+$/.test(pathname)) return undefined;
    return 'must name a database at its end, such as postgres://user:password@host:5432/scopekeeper';
  } catch {
    return 'cannot be read: write it like postgres://user:password@host:5432/scopekeeper, with %40 for @, %2F for /, %3A for :, %23 for # and %25 for % inside the user or the password';
  }
}

/** What may be logged and printed: the path, or host and database. */
export function toDatabaseName(config: DatabaseConfig): string {
  if (config.kind === 'sqlite') return config.path;
  const { host, pathname, searchParams } = new URL(config.url);
  return `${host || (searchParams.get('host') ?? 'localhost')}${decodeURIComponent(pathname)}`;
}

/** What must never be logged, as it is written and as it is meant. */
export function toDatabaseSecrets(config: DatabaseConfig): string[] {
  if (config.kind === 'sqlite') return [];
  const { password, searchParams } = new URL(config.url);
  const secrets = [password, decodeURIComponent(password), searchParams.get('password') ?? ''];
  return secrets.filter((secret) => secret !== '');
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

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}
