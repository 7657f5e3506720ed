import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config as readDotenv } from 'dotenv';
import { z } from 'zod';
import { type Catalog, loadCatalog } from './catalog';
import { ConfigError } from './errors';
import { findProjectRoot } from './project-root';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Everything that the environment decides, checked. `.env.example` says the same to people. */
export interface Config {
  botToken: string;
  signingSecret: string;
  /** Ends with a slash. */
  slackApiUrl: string;
  /** 0 takes any free port. */
  port: number;
  database: DatabaseConfig;
  adminUserIds: ReadonlySet<string>;
  catalog: Catalog;
  requestTtlMs: number;
  logLevel: LogLevel;
}

export interface DatabaseConfig {
  /** Absolute path of the SQLite file. */
  path: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const root = findProjectRoot();

const databaseUrl = z
  .string()
  .regex(/^file:(\/\/\/|\/)?[^/]/, 'must be file: and a path, such as file:./data/scopekeeper.db')
  .default('file:./data/scopekeeper.db');

const environmentSchema = z.object({
  SLACK_BOT_TOKEN: z
    .string({
      error:
        'is missing: write the bot token from "OAuth & Permissions" in your app\'s settings (it starts with xoxb-)',
    })
    .regex(
      /^xox\S+$/,
      'does not look like a token: copy it from "OAuth & Permissions" in your app\'s settings (it starts with xoxb-)',
    ),
  SLACK_SIGNING_SECRET: z
    .string({
      error: 'is missing: write the signing secret from "Basic Information" in your app\'s settings',
    })
    .regex(/^\S+$/, 'has white space in it: copy it again from "Basic Information" in your app\'s settings'),
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
  if ('faults' in catalog || !parsed.success) {
    throw new ConfigError([...faults, ...('faults' in catalog ? catalog.faults : [])]);
  }
  const values = parsed.data;
  return {
    botToken: values.SLACK_BOT_TOKEN,
    signingSecret: values.SLACK_SIGNING_SECRET,
    slackApiUrl: values.SLACK_API_URL,
    port: values.PORT,
    database: toDatabaseConfig(values.DATABASE_URL),
    adminUserIds: new Set(values.ADMIN_USER_IDS),
    catalog: catalog.catalog,
    requestTtlMs: values.REQUEST_TTL_MINUTES * 60_000,
    logLevel: values.LOG_LEVEL,
  };
}

/** The part that the command line needs: it reads the database, and talks to nobody. */
export function loadDatabaseConfig(environment: Environment): DatabaseConfig {
  const parsed = databaseUrl.safeParse(withoutEmpty(environment).DATABASE_URL);
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map((issue) => `DATABASE_URL ${issue.message}.`));
  return toDatabaseConfig(parsed.data);
}

function toDatabaseConfig(url: string): DatabaseConfig {
  return { path: url.startsWith('file:///') ? fileURLToPath(url) : resolve(root, url.slice('file:'.length)) };
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
