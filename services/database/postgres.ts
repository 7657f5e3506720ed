import {
  CompiledQuery,
  type DatabaseConnection,
  PostgresAdapter,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  sql,
} from 'kysely';
import { DatabaseError as ServerError } from 'pg';
import type { DatabaseDialect } from './dialect';
import { createPool } from './postgres-pool';

const MAX_ATTEMPTS = 5;

/** The server undid the transaction in favour of another: serialization_failure, deadlock_detected. */
const RETRYABLE_CODES = new Set(['40001', '40P01']);

/** A full disk or no memory (53), a fault of the system (58) or of the data (XX). */
const STORAGE_FAULT = /^(53|58|XX)/;

/** Opens a pool of connections; the first one is made when it is needed. */
export function openPostgres({ url }: { url: string }): DatabaseDialect {
  const pool = createPool(url);
  return {
    kind: 'postgres',
    kyselyDialect: new PooledPostgresDialect({ pool }),
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
      // Another process may be moving many rows: it is waited for.
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
    // A server's database is not ours to copy: its operator has backups.
    backUp: async () => ({ commit() {}, discard() {} }),
    async lockTeams(transaction, teamIds) {
      const names = [...new Set(teamIds)].map((teamId) => `scopekeeper:${teamId}`);
      // In one order everywhere, so that no two wait for each other.
      await sql`select pg_advisory_xact_lock(hashtextextended(name, 0))
        from (select unnest(${names.sort()}::text[]) as name) as names`.execute(transaction);
    },
    withoutSync: (_connection, run) =>
      // For this transaction alone: what the operator has set holds for all others, whoever shares the connection.
      run(async (transaction) => void (await sql`set local synchronous_commit = off`.execute(transaction))),
    isStorageFault: (error) => error instanceof ServerError && STORAGE_FAULT.test(error.code ?? ''),
    async assertWritable(db) {
      // An update of no row needs all that a write needs, and leaves nothing behind.
      await sql`update notices set attempts = attempts where id = -1`.execute(db);
    },
    limitStatements: pool.limitStatements,
    // A pool: a read has a connection of its own.
    openReader: () => undefined,
  };
}

class PooledPostgresDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): PostgresDriver {
    return new ReadCommittedDriver(this.#config);
  }

  override createAdapter(): PostgresAdapter {
    return new UnlockedAdapter();
  }
}

class ReadCommittedDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin isolation level read committed'));
  }

  /** Cannot throw: the error that led here is the one to be told. A lost connection is rolled back by the server. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection).catch(() => undefined);
  }
}

/**
 * Without the lock of Kysely's migrator: ours is held until the commit, its own would stay with the session, and its
 * release hide why a migration failed.
 */
class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
