import {
  CompiledQuery,
  type DatabaseConnection,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely';
import { DatabaseError as ServerError } from 'pg';
import type { DatabaseDialect } from './dialect';
import { createPool } from './postgres-pool';

const MAX_ATTEMPTS = 5;

/** The server rolled the transaction back in favour of another: serialization_failure, deadlock_detected. */
const RETRYABLE_CODES = new Set(['40001', '40P01']);

/** A full disk or no memory (53), a fault of the system (58) or of the data (XX). */
const STORAGE_FAULT = /^(53|58|XX)/;

/** Opens a pool; it connects at the first statement. */
export function openPostgres({ url }: { url: string }): DatabaseDialect {
  const pool = createPool(url);
  return {
    kind: 'postgres',
    kyselyDialect: {
      createDriver: () => new ReadCommittedDriver({ pool }),
      createAdapter: () => new UnlockedAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (db) => new PostgresIntrospector(db),
    },
    async withRetries(run) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await run();
        } catch (error) {
          const code = error instanceof ServerError ? (error.code ?? '') : '';
          if (!RETRYABLE_CODES.has(code) || tries === MAX_ATTEMPTS) throw error;
        }
      }
    },
    async beginMigration(migrating) {
      await sql`begin isolation level read committed`.execute(migrating);
      // Another process may take long to migrate many rows.
      await sql`set local lock_timeout = 0`.execute(migrating);
      await sql`select pg_advisory_xact_lock(hashtextextended('scopekeeper migrations', 0))`.execute(
        migrating,
      );
    },
    async hasTable(db, name) {
      const { rows } = await sql<{ found: boolean }>`
        select to_regclass(quote_ident(${name})) is not null as found`.execute(db);
      return rows[0]?.found === true;
    },
    // The operator of a server makes the backups.
    backUp: async () => ({ commit() {}, discard() {} }),
    async lockTeams(transaction, teamIds) {
      const names = [...new Set(teamIds)].map((teamId) => `scopekeeper:${teamId}`);
      // In one order everywhere, so that no two transactions deadlock.
      await sql`select pg_advisory_xact_lock(hashtextextended(name, 0))
        from (select unnest(${names.sort()}::text[]) as name) as names`.execute(transaction);
    },
    withoutSync: (_connection, run) =>
      // For this transaction alone: the operator's setting holds for all others on the connection.
      run(async (transaction) => void (await sql`set local synchronous_commit = off`.execute(transaction))),
    isStorageFault: (error) => error instanceof ServerError && STORAGE_FAULT.test(error.code ?? ''),
    async assertWritable(db) {
      // An update of no row needs all that a write needs, and changes nothing.
      await sql`update notices set attempts = attempts where id = -1`.execute(db);
    },
    limitStatements: pool.limitStatements,
    // A read has a connection of its own from the pool.
    openReader: () => undefined,
  };
}

class ReadCommittedDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin isolation level read committed'));
  }

  /** Must not throw: that would hide the error that led here. The server rolls a lost connection back. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => undefined);
  }
}

/**
 * Without the lock of Kysely's migrator: it would stay with the session, and its release would hide why a migration
 * failed. Ours is held until the commit.
 */
class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
