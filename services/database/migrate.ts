import { type Kysely, type Migration, Migrator, sql } from 'kysely';
import { DatabaseError, toMessage } from '../errors';
import { firstTables } from './migrations/0001-first-tables';
import type { Schema } from './schema';

/** Append-only, run in the order of their names. A migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0001-first-tables': firstTables,
};

/**
 * Brings the tables to this version, in one transaction: all of it or nothing, and one process at a time.
 *
 * Throws a `DatabaseError` where a newer version has been there already.
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  await db.connection().execute(async (connection) => {
    // Kysely's migrator begins no transaction on SQLite, and refuses to run in one of Kysely's: hence the plain words.
    await sql`begin immediate`.execute(connection);
    try {
      await migrateToLatest(connection);
      await sql`commit`.execute(connection);
    } catch (error) {
      await sql`rollback`.execute(connection);
      throw error;
    }
  });
}

async function migrateToLatest(db: Kysely<Schema>): Promise<void> {
  const provider = { getMigrations: async () => migrations };
  const { error } = await new Migrator({ db, provider, disableTransactions: true }).migrateToLatest();
  if (error === undefined) return;
  if (/previously executed migration .* is missing/.test(toMessage(error))) {
    const newest = Object.keys(migrations).at(-1);
    throw new DatabaseError(
      'database_too_new',
      `The database was changed by a newer Scopekeeper; the newest change that this one knows is ${newest}. Start the newer version, or restore a backup from before it ran.`,
      { cause: error },
    );
  }
  throw error;
}
