import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { toErrorMessage } from '../runtime/errors';

type Sqlite = typeof import('@photostructure/sqlite');
export type SqliteConnection = InstanceType<Sqlite['DatabaseSync']>;

/** The first with `jsonb_each`, which our statements use. */
const MIN_SQLITE_VERSION = [3, 51] as const;

/** SQLite's own numbers, without what its extended codes add. */
const BUSY = 5;
/** READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB. */
const FAULTS: readonly (number | undefined)[] = [8, 10, 11, 13, 14, 26];

const isNodeSqliteUsable = isNewEnough(process.versions.sqlite);
let loaded: Sqlite | undefined;

/** Node's own SQLite where it is new enough, and else the same interface from npm: prebuilt, and for any Node. */
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

/** Node 22 says each time that the module is experimental: nothing that an operator could act on. */
function loadNodeSqlite(): Sqlite {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return require('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Opens the file, and makes it where it may be written and is not there. */
export function openConnection(path: string, { readOnly = false } = {}): SqliteConnection {
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(path, { readOnly });
}

/** Copies all that the connection sees to a file, without keeping others from writing. */
export async function copyTo(connection: SqliteConnection, path: string): Promise<void> {
  await loadSqlite().backup(connection, path);
}

/** A statement for the only column of its only row, prepared once. */
export function prepareValue(connection: SqliteConnection, text: string): () => unknown {
  const statement = connection.prepare(text);
  statement.setReturnArrays(true);
  return () => statement.get()[0];
}

/** Whether another process holds the lock: what was tried changed nothing, and can be tried again. */
export function isBusy(error: unknown): boolean {
  return toErrorCode(error) === BUSY;
}

/** Whether the file or its disk is at fault, and not what was to be done. */
export function isStorageFault(error: unknown): boolean {
  return FAULTS.includes(toErrorCode(error));
}

function toErrorCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

/** What SQLite says of the codes that are acted upon here and in `away.ts`. */
const CODES: Readonly<Record<string, number>> = {
  'database is locked': BUSY,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': 13,
  'unable to open database file': 14,
  'file is not a database': 26,
};

/** `@photostructure/sqlite` 1.2.1 gives the errors of `all()` a message and no `errcode`; those of `run()` have both. */
function withCode(error: unknown): unknown {
  // Not `instanceof Error`: native code has errors of its own.
  if (typeof error !== 'object' || error === null || 'errcode' in error) return error;
  const errcode = CODES[toErrorMessage(error)];
  return errcode === undefined ? error : Object.assign(error, { errcode });
}

const MAX_CACHED_STATEMENTS = 200;

/**
 * The connection as Kysely's dialect wants it. Kysely prepares a statement at each use; the product has a few dozen,
 * and uses them all the time: each is prepared once.
 */
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

/**
 * The one from npm closes the file when the last statement is garbage. What SQLite does when it is closed is done now:
 * a transaction is undone, and the last who has the file open moves the WAL into it.
 */
function releaseConnection(connection: SqliteConnection): void {
  if (connection.isTransaction) connection.exec('rollback');
  try {
    connection.exec('pragma wal_checkpoint(truncate)');
    connection.exec('pragma journal_mode = delete');
    connection.exec('pragma journal_mode = wal');
  } catch {
    // It is read only, others have it open, or its disk is full: the WAL stays, with what could not be moved.
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
