import { type Kysely, type Migration, Migrator } from 'kysely';
import { DatabaseError, toMessage } from '../errors';
import { firstTables } from './migrations/0001-first-tables';

/** Append-only, run in the order of their names. A migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  '0001-first-tables': firstTables,
};

/** Brings the tables to this version. Throws a `DatabaseError` where a newer version has been there already. */
export async function migrate<Tables>(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const applied = await migrator.getMigrations();
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (/previously executed migration .* is missing/.test(toMessage(error))) {
    throw new DatabaseError(
      'database_too_new',
      `The database was changed by a newer Scopekeeper: this one knows ${applied.length} migration(s), the newest being ${Object.keys(migrations).at(-1)}. Start the newer version, or restore the backup that was made before it ran.`,
      { cause: error },
    );
  }
  throw error;
}
