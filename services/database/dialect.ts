import type { Dialect } from 'kysely';
import type { Queryable } from './schema';

export type DatabaseKind = 'sqlite' | 'postgres';

/** What a kind of database does in its own way; the rest is alike on both. */
export interface DatabaseDialect {
  kind: DatabaseKind;
  kyselyDialect: Dialect;
  /** Runs `run` again where others were in its way and nothing was changed. */
  withRetries<T>(run: () => Promise<T>): Promise<T>;
  /** Begins a transaction on this connection, and waits until no other process migrates. */
  beginMigration(connection: Queryable): Promise<void>;
  hasTable(db: Queryable, name: string): Promise<boolean>;
  /** Copies what stands now, before the migration named changes it. */
  backUp(migration: string): Promise<Backup>;
  /** Waits until no other transaction holds one of these teams, and holds them until this one ends. */
  lockTeams(transaction: Queryable, teamIds: readonly string[]): Promise<void>;
  /** Runs a transaction of this connection, whose commit does not wait for the disk. It begins with what it is given. */
  withoutSync<T>(
    connection: Queryable,
    run: (begin: (transaction: Queryable) => Promise<void>) => Promise<T>,
  ): Promise<T>;
  /** Whether the database or its disk is at fault, so that nothing else could be written either. */
  isStorageFault(error: unknown): boolean;
  /** Throws unless a write could be committed now. */
  assertWritable(db: Queryable): Promise<void>;
  /** From now on no statement takes longer than some seconds. A connection that hangs is destroyed. */
  limitStatements(): void;
  /** For reads that must not wait for this process's writes; undefined where a read of `dialect` never does. */
  openReader(): Dialect | undefined;
}

/** Lies under a name of its own until the migration is committed: a process that is killed meanwhile leaves one, not many. */
export interface Backup {
  commit(): void;
  discard(): void;
}
