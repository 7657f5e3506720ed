import type { Dialect } from 'kysely';
import type { Change, ChangeListener } from './changes';
import type { Queryable } from './schema';

export type DatabaseKind = 'sqlite' | 'postgres';

/** What a kind of database does in its own way; the rest is alike on both. */
export interface Engine {
  kind: DatabaseKind;
  dialect: Dialect;
  /** Runs `run` again where others were in its way and nothing was changed. */
  retrying<T>(run: () => Promise<T>): Promise<T>;
  /** Begins a transaction on this connection, and waits until no other process migrates. */
  beginMigration(connection: Queryable): Promise<void>;
  hasTable(db: Queryable, name: string): Promise<boolean>;
  /** Keeps what stands now, before the migration named changes it. The answer takes the copy away again. */
  backUp(migration: string): Promise<() => void>;
  /** Waits until no other transaction holds one of these teams, and holds them until this one ends. */
  holdTeams(transaction: Queryable, teamIds: readonly string[]): Promise<void>;
  /** Runs a transaction of this connection, whose commit does not wait for the disk. It begins with what it is given. */
  withoutWaiting<T>(
    connection: Queryable,
    run: (begin: (transaction: Queryable) => Promise<void>) => Promise<T>,
  ): Promise<T>;
  /** Throws unless what is open is what stands at the address. */
  checkPlace(): void;
  /** In a transaction: other processes hear of its changes when it is committed. */
  announce(transaction: Queryable, changes: readonly Change[]): Promise<void>;
  /** Listens for what other processes commit. */
  hear(listener: ChangeListener): Hearing;
}

/** Knows whether everything was told that other processes have committed. */
export interface Hearing {
  /** False: it may not have been, so what is in memory must not be used. Waits for nothing. */
  isTold(): boolean;
  close(): Promise<void>;
}
