import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CompiledQuery, type DatabaseConnection, SqliteDialect, SqliteDriver, sql } from 'kysely';
import type { Clock, Timer } from '../clock';
import type { Engine } from './engine';
import { backUpSqlite } from './sqlite-backup';
import { isBusy, openConnection, toKyselyDatabase } from './sqlite-connection';

/** How long SQLite may block the event loop while another process writes; after it, we wait without blocking. */
const BUSY_TIMEOUT_MS = 20;
const BUSY_RETRY_MS = 25;
const BUSY_GIVE_UP_MS = 2_000;
/** A long sweep fills it with pages that it needs once. The driver's own default is four times as much. */
const CACHE_KB = 4_000;

/**
 * Opens the file, and makes it if need be. WAL, so that readers such as the command line never wait for a writer;
 * `synchronous=FULL`, so that a commit is on the disk before Slack gets its 200.
 */
export function openSqlite({ path, clock }: { path: string; clock: Clock }): Engine {
  mkdirSync(dirname(path), { recursive: true });
  const connection = openConnection(path);
  connection.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  connection.exec('pragma journal_mode = WAL');
  connection.exec('pragma synchronous = FULL');
  connection.exec('pragma foreign_keys = ON');
  connection.exec(`pragma cache_size = -${CACHE_KB}`);
  const { ino } = statSync(path);

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
    dialect: new WritingSqliteDialect({ database: toKyselyDatabase(connection) }),
    async retrying(run) {
      const giveUpAt = clock.now() + BUSY_GIVE_UP_MS;
      for (;;) {
        try {
          return await run();
        } catch (error) {
          if (!isBusy(error) || clock.now() >= giveUpAt) throw error;
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
    async backUp(migration) {
      const backup = await backUpSqlite(path, migration);
      return () => rmSync(backup);
    },
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
    checkPlace() {
      if (statSync(path).ino !== ino)
        throw new Error(`${path} was replaced while it was open: restart Scopekeeper`);
    },
    async announce() {},
    hear({ lost }) {
      // Grows with each commit of another connection. To look is to read a word of shared memory, not the disk.
      const version = connection.prepare('pragma data_version');
      version.setReturnArrays(true);
      const readVersion = (): unknown => version.get()[0];
      let seen = readVersion();
      return {
        isTold() {
          const now = readVersion();
          if (now !== seen) lost();
          seen = now;
          return true;
        },
        close: async () => {},
      };
    },
  };
}

/**
 * Takes the write lock when a transaction begins. SQLite would take it at the first write, and where another process
 * wrote since the first read, fail then: two processes that migrate at once would both believe to be the first.
 */
class WritingSqliteDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDialect>[0];

  constructor(config: ConstructorParameters<typeof SqliteDialect>[0]) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new WritingSqliteDriver(this.#config);
  }
}

class WritingSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}
