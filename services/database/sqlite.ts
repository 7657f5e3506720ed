import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Clock, hasElapsed, isFresh, type Timer } from '../runtime/clock';
import type { DatabaseDialect } from './dialect';
import { backUpSqlite } from './sqlite-backup';
import {
  isBusy,
  isStorageFault,
  openConnection,
  type SqliteConnection,
  toRowReader,
} from './sqlite-connection';
import { GuardedSqliteDialect } from './sqlite-dialect';
import { prepareFile } from './sqlite-file';
import { createFileGuard } from './sqlite-file-guard';

/** How long SQLite may block the event loop while another process writes; after it, we wait without blocking. */
const BUSY_BLOCK_MS = 20;
const BUSY_RETRY_MS = 25;
const BUSY_TIMEOUT_MS = 2_000;
/** Anybody may ask for it, and each one is a sync of the disk. */
const PROBE_INTERVAL_MS = 1_000;
/** A long sweep fills it with pages that it needs once. The driver's own default is four times as much. */
const CACHE_KB = 4_000;

/**
 * Opens the file, and makes it if need be. WAL, so that readers such as the command line never wait for a writer;
 * `synchronous=FULL`, so that a commit is on the disk before Slack gets its 200.
 */
export function openSqlite({ path, clock }: { path: string; clock: Clock }): DatabaseDialect {
  prepareFile(path);
  const connection = openConnection(path);
  // Another process may be closing it.
  connection.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  connection.exec('pragma journal_mode = WAL');
  connection.exec('pragma synchronous = FULL');
  connection.exec('pragma foreign_keys = ON');
  setLimits(connection);
  const fileGuard = createFileGuard({ path, connection, clock });
  let probedAt = Number.NEGATIVE_INFINITY;

  /** By whichever clock is the first: we give up by ours, and the other process lets go by the system's. */
  async function wait(): Promise<void> {
    let timer: Timer | undefined;
    const ours = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, BUSY_RETRY_MS);
    });
    await Promise.race([ours, setTimeout(BUSY_RETRY_MS)]);
    timer?.cancel();
  }

  return {
    kind: 'sqlite',
    kyselyDialect: new GuardedSqliteDialect({ open: () => connection, fileGuard }),
    async withRetries(run) {
      const giveUpAt = clock.now() + BUSY_TIMEOUT_MS;
      for (;;) {
        try {
          return await run();
        } catch (error) {
          if (!isBusy(error) || hasElapsed(giveUpAt, clock.now(), BUSY_TIMEOUT_MS)) throw error;
          await wait();
        }
      }
    },
    async beginMigration(migrating) {
      await sql`begin immediate`.execute(migrating);
    },
    async hasTable(db, name) {
      const found = await sql`select 1 from sqlite_master where type = 'table' and name = ${name}`.execute(
        db,
      );
      return found.rows.length > 0;
    },
    backUp: (migration) => backUpSqlite(path, migration),
    // A transaction holds the only write lock from its begin: there is nobody to wait for.
    async lockTeams() {},
    async withoutSync(_connection, run) {
      // It is the only connection, and nobody else has it now. The next commit that waits takes this one to the disk as well.
      connection.exec('pragma synchronous = NORMAL');
      try {
        return await run(async () => {});
      } finally {
        connection.exec('pragma synchronous = FULL');
      }
    },
    isStorageFault,
    async assertWritable(db) {
      if (isFresh(probedAt, clock.now(), PROBE_INTERVAL_MS)) return fileGuard.assertUnchanged();
      // Stays as it is, and is written all the same: that a disk is full shows only where something is written.
      await sql`pragma user_version = 0`.execute(db);
      probedAt = clock.now();
    },
    // A file answers.
    limitStatements() {},
    openReader() {
      let reader: ReturnType<typeof toRowReader> | undefined;
      return {
        read(query) {
          // Only the connection that writes can tell whether what stands in the file is ours.
          fileGuard.statUnreplaced();
          if (reader === undefined) {
            const readOnly = openConnection(path, { readOnly: true });
            setLimits(readOnly);
            reader = toRowReader(readOnly);
          }
          return reader.read(query);
        },
        close: () => reader?.close(),
      };
    },
  };
}

function setLimits(connection: SqliteConnection): void {
  connection.exec(`pragma busy_timeout = ${BUSY_BLOCK_MS}`);
  connection.exec(`pragma cache_size = -${CACHE_KB}`);
}
