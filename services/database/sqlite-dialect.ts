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
  /** Called at the first statement. */
  open: () => SqliteConnection;
  fileGuard: Pick<FileGuard, 'assertUnchanged' | 'assertUnchangedAfterUse'>;
}

/** Kysely's dialect for SQLite on our connection, with a driver that checks the file on disk around each use. */
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

  /** Checks before anybody relies on what was read or written. */
  override async releaseConnection(): Promise<void> {
    await super.releaseConnection();
    this.#place.assertUnchangedAfterUse();
  }

  /** Leaves a replaced file open: a close would move our WAL into it. */
  override async destroy(): Promise<void> {
    try {
      this.#place.assertUnchanged();
    } catch {
      return;
    }
    await super.destroy();
  }

  /**
   * Takes the write lock at once. By default SQLite takes it at the first write, and fails there if another process
   * wrote since the first read: two processes that migrate at once would both believe to be the first.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    this.#place.assertUnchanged();
    await super.commitTransaction(connection);
  }

  /** On a full disk SQLite has rolled back already: a second rollback is an error that would hide the cause. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#open().isTransaction) await super.rollbackTransaction(connection);
  }
}
