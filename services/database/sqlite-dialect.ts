import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely';
import { type SqliteConnection, toKyselyDatabase } from './sqlite-connection';
import type { FileGuard } from './sqlite-file-guard';

interface Parts {
  /** Called when the first statement comes. */
  open: () => SqliteConnection;
  fileGuard: Pick<FileGuard, 'assertUnchanged' | 'assertUnchangedAfterUse'>;
}

/** Kysely's dialect for SQLite, on our connection, with a driver that knows when to look at the file. */
export class GuardedSqliteDialect extends SqliteDialect {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super(toSettings(parts));
    this.#parts = parts;
  }

  override createDriver(): SqliteDriver {
    return new GuardedSqliteDriver(this.#parts);
  }
}

function toSettings({ open }: Parts): SqliteDialectConfig {
  return { database: async () => toKyselyDatabase(open()) };
}

class GuardedSqliteDriver extends SqliteDriver {
  readonly #open: Parts['open'];
  readonly #place: Parts['fileGuard'];

  constructor(parts: Parts) {
    super(toSettings(parts));
    this.#open = parts.open;
    this.#place = parts.fileGuard;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    try {
      this.#place.assertUnchanged();
      return connection;
    } catch (error) {
      await super.releaseConnection();
      throw error;
    }
  }

  /** Before anybody is told that what was done is there, be it read or written. */
  override async releaseConnection(): Promise<void> {
    await super.releaseConnection();
    this.#place.assertUnchangedAfterUse();
  }

  /** A file that is not ours is left as it is: to close would move what the WAL holds into it. */
  override async destroy(): Promise<void> {
    try {
      this.#place.assertUnchanged();
    } catch {
      return;
    }
    await super.destroy();
  }

  /**
   * Takes the write lock when a transaction begins. SQLite would take it at the first write, and where another process
   * wrote since the first read, fail then: two processes that migrate at once would both believe to be the first.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    this.#place.assertUnchanged();
    await super.commitTransaction(connection);
  }

  /** SQLite has rolled back by itself where the disk is full: to do it again is an error, which would hide the cause. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#open().isTransaction) await super.rollbackTransaction(connection);
  }
}
