import { existsSync } from 'node:fs';
import { Kysely, sql, type Transaction } from 'kysely';
import type { Clock } from '../clock';
import type { DatabaseConfig } from '../config';
import { DatabaseError, ScopekeeperError, toMessage } from '../errors';
import { migrate } from './migrate';
import type { Schema } from './schema';
import { isBusy, openSqlite } from './sqlite';

/** What stores take: the database itself, or a transaction on it. */
export type Queryable = Kysely<Schema>;

export interface Database {
  query: Queryable;
  /** Runs all or nothing. Tried again while another process holds the lock, so `run` has no effect but its queries. */
  transact<T>(run: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** Throws unless a write could be committed now. */
  check(): Promise<void>;
  close(): Promise<void>;
}

const BUSY_RETRY_MS = 25;
const BUSY_GIVE_UP_MS = 2_000;

/**
 * Opens the database and brings its tables to this version.
 *
 * Throws a `DatabaseError` that says what to do where the file cannot be used, or is newer than this code.
 * With `mustExist`, a missing file is an error and nothing is made.
 */
export async function openDatabase({
  config,
  clock,
  mustExist = false,
}: {
  config: DatabaseConfig;
  clock: Clock;
  mustExist?: boolean;
}): Promise<Database> {
  if (mustExist && !existsSync(config.path)) {
    throw new DatabaseError(
      'database_unusable',
      `There is no database at ${config.path}. Start the app once, or set DATABASE_URL to the file it uses.`,
    );
  }

  async function untilFree<T>(run: () => Promise<T>): Promise<T> {
    const giveUpAt = clock.now() + BUSY_GIVE_UP_MS;
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!isBusy(error) || clock.now() >= giveUpAt) throw error;
        await new Promise<void>((resolve) => clock.setTimeout(resolve, BUSY_RETRY_MS));
      }
    }
  }

  try {
    const file = openSqlite(config.path);
    const db = new Kysely<Schema>({ dialect: file.dialect });
    await untilFree(() => migrate(db));
    const transact: Database['transact'] = (run) => untilFree(() => db.transaction().execute(run));
    return {
      query: db,
      transact,
      async check() {
        file.checkFile();
        // An update of no row takes the write lock and leaves nothing behind.
        await transact((transaction) =>
          sql`update notices set attempts = attempts where id = -1`.execute(transaction),
        );
      },
      close: () => db.destroy(),
    };
  } catch (error) {
    if (error instanceof ScopekeeperError) throw error;
    throw new DatabaseError(
      'database_unusable',
      `The database ${config.path} cannot be used (${toMessage(error)}). Set DATABASE_URL to a file in a folder that this user may write to.`,
      { cause: error },
    );
  }
}
