import type { CompiledQuery, Dialect, RawBuilder } from 'kysely';
import type { Queryable } from './schema';

export type DatabaseKind = 'sqlite' | 'postgres';

/** PORT: what differs between the databases. ADAPTERS: sqlite.ts and postgres.ts. */
export interface DatabaseDialect {
  kind: DatabaseKind;
  kyselyDialect: Dialect;
  /** Runs `run` again after a conflict with another process that left nothing changed. */
  withRetries<T>(run: () => Promise<T>): Promise<T>;
  /** Begins a transaction on this connection once no other process migrates. */
  beginMigration(connection: Queryable): Promise<void>;
  hasTable(db: Queryable, name: string): Promise<boolean>;
  /** Copies the database before this migration changes it. */
  backUp(migration: string): Promise<Backup>;
  /** Locks these teams until the transaction ends. */
  lockTeams(transaction: Queryable, teamIds: readonly string[]): Promise<void>;
  /** Runs one transaction on this connection whose commit does not wait for the disk; `run` must call `begin` first. */
  withoutSync<T>(
    connection: Queryable,
    run: (begin: (transaction: Queryable) => Promise<void>) => Promise<T>,
  ): Promise<T>;
  /** Whether the database or its disk is at fault, so that no other write would succeed either. */
  isStorageFault(error: unknown): boolean;
  /** Throws unless a write could be committed now. */
  assertWritable(db: Queryable): Promise<void>;
  /** From now on a statement fails after some seconds, and a connection that hangs is destroyed. */
  limitStatements(): void;
  /** For reads that must not wait for this process's writes; undefined where no read does. */
  openReader(): RowReader | undefined;
}

/** Rows of a query that may be read in more than one way. */
export type ReadRows = <Row>(query: RawBuilder<Row>) => Promise<readonly Row[]>;

/** Reads at once, past Kysely's driver, which takes several times as long as the read itself. */
export interface RowReader {
  read<Row>(query: CompiledQuery<Row>): Row[];
  close(): void;
}

/** Has a temporary name until the migration is committed: processes that are killed meanwhile leave one, not many. */
export interface Backup {
  commit(): void;
  discard(): void;
}
