import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigError } from '../runtime/errors';
import { findProjectRoot } from '../runtime/project-root';

/** Which database, and where. The URL may contain a password: show `toDatabaseName` instead. */
export type DatabaseConfig =
  | {
      kind: 'sqlite';
      /** Absolute path of the file. */
      path: string;
    }
  | { kind: 'postgres'; url: string };

const SQLITE_URL = /^file:(\/\/\/|\/)?[^/]/;
const POSTGRES_URL = /^postgres(ql)?:\/\//;

/** Validates `DATABASE_URL`. */
export const databaseUrl = z
  .string()
  .default('file:./data/scopekeeper.db')
  .superRefine((url, context) => {
    const fault = POSTGRES_URL.test(url) ? toPostgresFault(url) : toFileFault(url);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

/** Parses a database URL that came from `name`, a variable or an option, which the `ConfigError` names. */
export function readDatabaseUrl(name: string, url: string | undefined): DatabaseConfig {
  const parsed = databaseUrl.safeParse(url);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => `${name} ${issue.message}.`));
  return toDatabaseConfig(parsed.data);
}

/** Converts a validated URL. */
export function toDatabaseConfig(url: string): DatabaseConfig {
  if (POSTGRES_URL.test(url)) return { kind: 'postgres', url };
  const path = url.startsWith('file:///')
    ? fileURLToPath(url)
    : resolve(findProjectRoot(), url.slice('file:'.length));
  return { kind: 'sqlite', path };
}

function toFileFault(url: string): string | undefined {
  if (SQLITE_URL.test(url)) return undefined;
  return 'must be file: and a path, such as file:./data/scopekeeper.db, or the address of a PostgreSQL database, such as postgres://user:password@host:5432/scopekeeper';
}

/** The message must not quote the URL, which may contain a password. */
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

/** The name that may be logged: the file's path, or host and database. */
export function toDatabaseName(config: DatabaseConfig): string {
  if (config.kind === 'sqlite') return config.path;
  const { host, pathname, searchParams } = new URL(config.url);
  return `${host || (searchParams.get('host') ?? 'localhost')}${decodeURIComponent(pathname)}`;
}

/** The password, encoded and decoded: it must never be logged. */
export function toDatabaseSecrets(config: DatabaseConfig): string[] {
  if (config.kind === 'sqlite') return [];
  const { password, searchParams } = new URL(config.url);
  const secrets = [password, decodeURIComponent(password), searchParams.get('password') ?? ''];
  return secrets.filter((secret) => secret !== '');
}
