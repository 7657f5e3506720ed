import { type Migration, Migrator, sql } from 'kysely';
import { DatabaseError } from '../runtime/errors';
import type { Backup, DatabaseDialect } from './dialect';
import { firstTables } from './migrations/0001-first-tables';
import { orderAndSync } from './migrations/0002-order-and-sync';
import { installations } from './migrations/0003-installations';
import { watching } from './migrations/0004-watching';
import { turns } from './migrations/0005-turns';
import { hashedTriggers } from './migrations/0006-hashed-triggers';
import { doubts } from './migrations/0007-doubts';
import { workspaces } from './migrations/0008-workspaces';
import { signedChains } from './migrations/0009-signed-chains';
import { accessLog } from './migrations/0010-access-log';
import { turnsTold } from './migrations/0011-turns-told';
import type { Queryable } from './schema';

/** Append-only, run in the order of their names. A migration that was released is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first-tables': firstTables,
  '0002-order-and-sync': orderAndSync,
  '0003-installations': installations,
  '0004-watching': watching,
  '0005-turns': turns,
  '0006-hashed-triggers': hashedTriggers,
  '0007-doubts': doubts,
  '0008-workspaces': workspaces,
  '0009-signed-chains': signedChains,
  '0010-access-log': accessLog,
  '0011-turns-told': turnsTold,
};

const APPLIED_TABLE = 'kysely_migration';

/** The names of the migrations that this database has run. */
export async function listApplied(db: Queryable, dialect: DatabaseDialect): Promise<string[]> {
  if (!(await dialect.hasTable(db, APPLIED_TABLE))) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(APPLIED_TABLE)}`.execute(db);
  return rows.map((row) => row.name);
}

/**
 * Runs the pending migrations in one transaction, one process at a time. Throws a `DatabaseError` where a newer version
 * has migrated the database.
 */
export async function migrate(
  db: Queryable,
  dialect: DatabaseDialect,
  known: Readonly<Record<string, Migration>> = migrations,
): Promise<void> {
  if (findPending(await listApplied(db, dialect), known) === undefined) return;
  await dialect.withRetries(() => migrateLocked(db, dialect, known));
}

async function migrateLocked(
  db: Queryable,
  dialect: DatabaseDialect,
  known: Readonly<Record<string, Migration>>,
): Promise<void> {
  await db.connection().execute(async (connection) => {
    // Kysely's migrator refuses to run inside Kysely's transactions, so this one begins and ends in plain SQL.
    await dialect.beginMigration(connection);
    let backup: Backup | undefined;
    try {
      // Another process may have migrated while this one waited.
      const applied = await listApplied(connection, dialect);
      const pending = findPending(applied, known);
      if (pending !== undefined) {
        if (applied.length > 0) backup = await dialect.backUp(pending);
        const provider = { getMigrations: async () => known };
        const { error } = await new Migrator({
          db: connection,
          provider,
          disableTransactions: true,
        }).migrateToLatest();
        if (error !== undefined) throw error;
      }
      await sql`commit`.execute(connection);
    } catch (error) {
      // Where this fails, the connection is lost and the server rolls back.
      await sql`rollback`.execute(connection).catch(() => undefined);
      // Nothing was changed; repeated starts must not pile up backups.
      backup?.discard();
      throw error;
    }
    backup?.commit();
  });
}

/** The first pending migration. Throws where the database has run one that this version does not know. */
function findPending(
  applied: readonly string[],
  known: Readonly<Record<string, Migration>>,
): string | undefined {
  const names = Object.keys(known).sort();
  if (applied.some((name) => !names.includes(name))) {
    throw new DatabaseError(
      'database_too_new',
      `The database was migrated by a newer Scopekeeper; the newest migration that this version knows is ${names.at(-1)}. Start the newer version, or restore a backup from before it ran.`,
    );
  }
  return names.find((name) => !applied.includes(name));
}
