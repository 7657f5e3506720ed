import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { CompiledQuery, type DatabaseConnection, SqliteDialect, SqliteDriver } from 'kysely';

/** How long SQLite may block the event loop while another process writes; after it, `transact` waits without blocking. */
const BUSY_TIMEOUT_MS = 20;

/**
 * Opens the file, and makes it if need be. WAL, so that readers such as the command line never wait for a writer;
 * `synchronous=FULL`, so that a commit is on the disk before Slack gets its 200.
 */
export function openSqlite(path: string) {
  mkdirSync(dirname(path), { recursive: true });
  const connection = new BetterSqlite(path, { timeout: BUSY_TIMEOUT_MS });
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  const { ino } = statSync(path);

  return {
    dialect: new WritingSqliteDialect({ database: connection }),
    /** Throws unless a write would reach the file that stands at the path. */
    checkFile() {
      if (statSync(path).ino !== ino)
        throw new Error(`${path} was replaced while it was open: restart Scopekeeper`);
    },
  };
}

/** Whether another process holds the lock: what was tried changed nothing, and can be tried again. */
export function isBusy(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    String(error.code).startsWith('SQLITE_BUSY')
  );
}

/**
 * Takes the write lock when a transaction begins. SQLite would take it at the first write, and where another process
 * wrote since the first read, fail then: two processes that migrate at once would both believe to be the first.
 */
class WritingSqliteDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDialect>[0];

  constructor(config: ConstructorParameters<typeof SqliteDialect>[0]) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new WritingSqliteDriver(this.#config);
  }
}

class WritingSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}
