import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { loadDatabaseConfig } from '../../services/config/config';
import type { DatabaseConfig } from '../../services/config/database-url';
import { migrations } from '../../services/database/migrate';
import { openConnection } from '../../services/database/sqlite-connection';

/** A suite of what the databases may do differently runs on each: `describe.each(databases)`. */
export const databases = ['sqlite', 'postgres'] as const;
export type TestDatabaseKind = (typeof databases)[number];

/** A suite of what is the same on either runs on SQLite, and with `npm run test:all` on both. */
export const eitherDatabase: readonly TestDatabaseKind[] =
  process.env.EACH_DATABASE === undefined ? ['sqlite'] : databases;

/** Whether the tables of this version are there already, which is faster, or the app has still to make them. */
type Tables = 'none' | 'any';

/** An empty database that nobody else uses. */
export interface TestDatabase {
  kind: TestDatabaseKind;
  /** For DATABASE_URL. */
  url: string;
  config: DatabaseConfig;
  /** Runs statements past the app, as another program would; answers with the rows of the last one. */
  run(statement: string): Promise<unknown[]>;
  /** Keeps everybody from writing, as another program that is writing does. */
  lock(): Promise<{ release(): Promise<void> }>;
  /** Keeps everybody from reading, too; on PostgreSQL, since SQLite's readers wait for nobody. */
  lockReaders(): Promise<{ release(): Promise<void> }>;
  /** Nobody can use it, as where the disk or the server is gone, until it is brought back. */
  makeUnavailable(): Promise<{ bringBack(): Promise<void> }>;
  /** Ends what is connected. */
  destroy(): Promise<void>;
}

export function createTestDatabase(
  kind: TestDatabaseKind,
  { tables = 'any' }: { tables?: Tables } = {},
): Promise<TestDatabase> {
  return kind === 'sqlite' ? createSqliteDatabase() : createPostgresDatabase(tables);
}

async function createSqliteDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'scopekeeper-test-'));
  const path = join(folder, 'scopekeeper.db');
  const url = `file:${path}`;
  return {
    kind: 'sqlite',
    url,
    config: loadDatabaseConfig({ DATABASE_URL: url }),
    async run(text) {
      if (!existsSync(path)) throw new Error(`there is no ${path}`);
      const connection = openConnection(path);
      try {
        const statement = connection.prepare(text);
        return statement.columns().length > 0 ? statement.all() : [statement.run()];
      } finally {
        connection.close();
      }
    },
    async lock() {
      const connection = openConnection(path);
      connection.exec('begin immediate');
      return {
        async release() {
          connection.exec('rollback');
          connection.close();
        },
      };
    },
    lockReaders: () => Promise.reject(new Error('readers of SQLite wait for nobody')),
    async makeUnavailable() {
      renameSync(path, `${path}.gone`);
      return { bringBack: async () => renameSync(`${path}.gone`, path) };
    },
    async destroy() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Those that a test of this file has in use. One that was handed back is emptied for the next: creating takes longer. */
const inUse = new Set<string>();

async function createPostgresDatabase(tables: Tables): Promise<TestDatabase> {
  const name = findUnusedName();
  inUse.add(name);
  const url = toPostgresUrl(name);
  await createIfMissing(name);
  if (tables === 'none' || !(await emptyTables(url))) {
    await runOn(url, 'drop schema public cascade; create schema public');
  }
  return {
    kind: 'postgres',
    url,
    config: loadDatabaseConfig({ DATABASE_URL: url }),
    run: (statement) => runOn(url, statement),
    lock: () => lockTables(url, 'exclusive'),
    lockReaders: () => lockTables(url, 'access exclusive'),
    async makeUnavailable() {
      await runOnServer(`alter database ${name} allow_connections false`);
      await endConnections(name);
      return {
        bringBack: () => runOnServer(`alter database ${name} allow_connections true`).then(() => undefined),
      };
    },
    async destroy() {
      await runOnServer(`alter database ${name} allow_connections true`);
      await endConnections(name);
      inUse.delete(name);
    },
  };
}

async function lockTables(url: string, mode: string): Promise<{ release(): Promise<void> }> {
  const client = await connect(url);
  await client.query('begin');
  await client.query(`lock table ${(await listTables(client)).join(', ')} in ${mode} mode`);
  return {
    async release() {
      await client.query('rollback');
      await client.end();
    },
  };
}

/** A worker of Jest runs one file at a time: the numbers are its own. */
function findUnusedName(): string {
  const start = `${process.env.TEST_POSTGRES_PREFIX}_${process.env.JEST_WORKER_ID}`;
  for (let number = 1; ; number += 1) {
    const name = `${start}_${number}`;
    if (!inUse.has(name)) return name;
  }
}

async function createIfMissing(name: string): Promise<void> {
  const found = await runOnServer(`select 1 from pg_database where datname = '${name}'`);
  if (found.length === 0) await runOnServer(`create database ${name} template template0`);
}

async function endConnections(name: string): Promise<void> {
  await runOnServer(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
}

/** False where the tables are not those of this version. */
async function emptyTables(url: string): Promise<boolean> {
  const client = await connect(url);
  try {
    const tables = await listTables(client);
    if (!tables.includes('kysely_migration')) return false;
    const applied = await client.query<{ name: string }>('select name from kysely_migration order by name');
    const expected = Object.keys(migrations).sort();
    if (applied.rows.map((row) => row.name).join() !== expected.join()) return false;
    const ours = tables.filter((table) => !table.startsWith('kysely_'));
    await client.query(`truncate ${ours.join(', ')} restart identity`);
    return true;
  } finally {
    await client.end();
  }
}

async function listTables(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ tablename: string }>(
    `select tablename from pg_tables where schemaname = 'public'`,
  );
  return rows.map((row) => row.tablename);
}

/** The address of another database on the test server. */
function toPostgresUrl(name: string): string {
  const server = process.env.TEST_POSTGRES_URL;
  if (server === undefined)
    throw new Error('Run the tests with Jest: its globalSetup starts the PostgreSQL server.');
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

function runOnServer(statement: string): Promise<unknown[]> {
  return runOn(process.env.TEST_POSTGRES_URL ?? '', statement);
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // Ended by the test itself, or by the server: what is asked of it then fails by itself.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function runOn(url: string, statement: string): Promise<unknown[]> {
  const client = await connect(url);
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
