import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { toErrorMessage } from '../runtime/errors';
import type { RowReader } from './dialect';

type Sqlite = typeof import('@photostructure/sqlite');
export type SqliteConnection = InstanceType<Sqlite['DatabaseSync']>;

/** The first with `jsonb_each`, which our statements use. */
const MIN_SQLITE_VERSION = [3, 51] as const;

/** SQLite's primary result codes. */
const BUSY = 5;
/** READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB. */
const FAULTS: readonly (number | undefined)[] = [8, 10, 11, 13, 14, 26];

const isNodeSqliteUsable = isNewEnough(process.versions.sqlite);
let loaded: Sqlite | undefined;

/** Node's own SQLite where it is new enough, otherwise the same interface from npm, prebuilt for any Node. */
function loadSqlite(): Sqlite {
  if (loaded !== undefined) return loaded;
  const found: Sqlite = isNodeSqliteUsable ? loadNodeSqlite() : require('@photostructure/sqlite');
  loaded = found;
  return found;
}

function isNewEnough(version = '0'): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MIN_SQLITE_VERSION[0] || (major === MIN_SQLITE_VERSION[0] && minor >= MIN_SQLITE_VERSION[1]);
}

/** Without the warning of Node 22 that the module is experimental, which no operator can act on. */
function loadNodeSqlite(): Sqlite {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return require('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Opens the file; creates a missing one unless `readOnly`. */
export function openConnection(path: string, { readOnly = false } = {}): SqliteConnection {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(path, { readOnly });
}

/** Copies all that the connection sees to a file, without blocking writers. */
export async function copyTo(connection: SqliteConnection, path: string): Promise<void> {
  await loadSqlite().backup(connection, path);
}

/** Prepares a statement that returns one value. */
export function prepareValue(connection: SqliteConnection, text: string): () => unknown {
  const statement = connection.prepare(text);
  statement.setReturnArrays(true);
  return () => statement.get()[0];
}

/** Whether another process holds the lock: the statement changed nothing and can be retried. */
export function isBusy(error: unknown): boolean {
  return toErrorCode(error) === BUSY;
}

/** Whether the file or its disk is at fault, and not the statement. */
export function isStorageFault(error: unknown): boolean {
  return FAULTS.includes(toErrorCode(error));
}

function toErrorCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

/** SQLite's messages for the codes that matter here and in `unavailable.ts`. */
const CODES: Readonly<Record<string, number>> = {
  'database is locked': BUSY,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': 13,
  'unable to open database file': 14,
  'file is not a database': 26,
};

/** In `@photostructure/sqlite` 1.2.1 the errors of `all()` have no `errcode`; those of `run()` do. */
function withCode(error: unknown): unknown {
  // Errors of native code are no instances of `Error`.
  if (typeof error !== 'object' || error === null || 'errcode' in error) return error;
  const errcode = CODES[toErrorMessage(error)];
  return errcode === undefined ? error : Object.assign(error, { errcode });
}

const MAX_CACHED_STATEMENTS = 200;

/** Adapts the connection for Kysely, which prepares a statement at each use: here, each is prepared once. */
export function toKyselyDatabase(connection: SqliteConnection): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    close() {
      kept.clear();
      if (!isNodeSqliteUsable) releaseConnection(connection);
      connection.close();
    },
    prepare(text) {
      const known = kept.get(text);
      if (known !== undefined) return known;
      const statement = prepare(connection, text);
      if (kept.size < MAX_CACHED_STATEMENTS) kept.set(text, statement);
      return statement;
    },
  };
}

/** Reads without Kysely's driver. Each text is prepared once; there are a few. */
export function toRowReader(connection: SqliteConnection): RowReader {
  const statements = new Map<string, ReturnType<SqliteConnection['prepare']>>();
  return {
    read({ sql, parameters }) {
      try {
        const statement = statements.get(sql) ?? connection.prepare(sql);
        statements.set(sql, statement);
        return statement.all(...parameters);
      } catch (error) {
        throw withCode(error);
      }
    },
    close() {
      statements.clear();
      if (!isNodeSqliteUsable) releaseConnection(connection);
      connection.close();
    },
  };
}

/**
 * The package from npm closes the file only when the last statement is garbage-collected. Does now what SQLite does at a
 * close: rolls back, and, as the last connection, moves the WAL into the file.
 */
function releaseConnection(connection: SqliteConnection): void {
  if (connection.isTransaction) connection.exec('rollback');
  try {
    connection.exec('pragma wal_checkpoint(truncate)');
    connection.exec('pragma journal_mode = delete');
    connection.exec('pragma journal_mode = wal');
  } catch {
    // Read-only, still open elsewhere, or a full disk: the WAL stays.
  }
}

function prepare(connection: SqliteConnection, text: string): SqliteStatement {
  const statement = connection.prepare(text);
  return {
    reader: statement.columns().length > 0,
    all(parameters) {
      try {
        return statement.all(...parameters);
      } catch (error) {
        throw withCode(error);
      }
    },
    run: (parameters) => statement.run(...parameters),
    iterate: (parameters) => statement.iterate(...parameters),
  };
}
