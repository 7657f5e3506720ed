import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Clock, isFresh, isOver, type Timer } from '../runtime/clock';
import type { Engine } from './engine';
import { backUpSqlite } from './sqlite-backup';
import { isBusy, isFault, openConnection, type SqliteConnection } from './sqlite-connection';
import { WatchedSqliteDialect } from './sqlite-dialect';
import { prepareFile } from './sqlite-file';
import { watchPlace } from './sqlite-place';

/** How long SQLite may block the event loop while another process writes; after it, we wait without blocking. */
const BUSY_TIMEOUT_MS = 20;
const BUSY_RETRY_MS = 25;
const BUSY_GIVE_UP_MS = 2_000;
/** Anybody may ask for it, and each one is a sync of the disk. */
const PROOF_EVERY_MS = 1_000;
/** A long sweep fills it with pages that it needs once. The driver's own default is four times as much. */
const CACHE_KB = 4_000;

/**
 * Opens the file, and makes it if need be. WAL, so that readers such as the command line never wait for a writer;
 * `synchronous=FULL`, so that a commit is on the disk before Slack gets its 200.
 */
export function openSqlite({ path, clock }: { path: string; clock: Clock }): Engine {
  prepareFile(path);
  const connection = openConnection(path);
  // Another process may be closing it.
  connection.exec(`pragma busy_timeout = ${BUSY_GIVE_UP_MS}`);
  connection.exec('pragma journal_mode = WAL');
  connection.exec('pragma synchronous = FULL');
  connection.exec('pragma foreign_keys = ON');
  setLimits(connection);
  const place = watchPlace({ path, connection, clock });
  let provedAt = Number.NEGATIVE_INFINITY;

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
    dialect: new WatchedSqliteDialect({ open: () => connection, place }),
    async retrying(run) {
      const giveUpAt = clock.now() + BUSY_GIVE_UP_MS;
      for (;;) {
        try {
          return await run();
        } catch (error) {
          if (!isBusy(error) || isOver(giveUpAt, clock.now(), BUSY_GIVE_UP_MS)) throw error;
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
    async holdTeams() {},
    async withoutWaiting(_connection, run) {
      // It is the only connection, and nobody else has it now. The next commit that waits takes this one to the disk as well.
      connection.exec('pragma synchronous = NORMAL');
      try {
        return await run(async () => {});
      } finally {
        connection.exec('pragma synchronous = FULL');
      }
    },
    isFault,
    async proveWritable(db) {
      if (isFresh(provedAt, clock.now(), PROOF_EVERY_MS)) return place.check();
      // Stays as it is, and is written all the same: that a disk is full shows only where something is written.
      await sql`pragma user_version = 0`.execute(db);
      provedAt = clock.now();
    },
    // A file answers.
    limitStatements() {},
    openReader: () =>
      new WatchedSqliteDialect({
        open() {
          const reader = openConnection(path, { readOnly: true });
          setLimits(reader);
          return reader;
        },
        // Only the connection that writes can tell whether what stands in the file is ours.
        place: { check: place.look, checkAfterUse() {} },
      }),
  };
}

function setLimits(connection: SqliteConnection): void {
  connection.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  connection.exec(`pragma cache_size = -${CACHE_KB}`);
}
