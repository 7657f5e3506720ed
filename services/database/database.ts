import { existsSync } from 'node:fs';
import { type Dialect, Kysely, type KyselyPlugin, type Transaction } from 'kysely';
import { type DatabaseConfig, toDatabaseName } from '../config/database-url';
import { type Clock, isFresh } from '../runtime/clock';
import { DatabaseError, ScopekeeperError, toErrorMessage } from '../runtime/errors';
import type { LogSigner } from '../runtime/secrets/log-signer';
import { withTimeout } from '../runtime/with-timeout';
import { reportConnectionErrors } from './connection-errors';
import type { DatabaseDialect, ReadRows, RowReader } from './dialect';
import { listApplied, migrate } from './migrate';
import type { Queryable, Schema } from './schema';
import { signWith } from './transaction-signer';

type Run<T> = (transaction: Transaction<Schema>) => Promise<T>;

export type Database = ReturnType<typeof createDatabase>;

/** Exists from the start of a `copy` until what it copied is verified. */
export const COPY_PROGRESS_TABLE = 'copy_progress';

/** How long a failed write counts against later successes: a full disk may still accept a small write. */
const FAULT_TTL_MS = 10_000;
/** How long a trigger, which lives for three seconds, waits for a read. */
const TRIGGER_PATIENCE_MS = 150;
/** For this long after a slow read no trigger waits for one, so that two reads of one trigger do not add up. */
const SLOW_STANDS_MS = 1_000;

const ADVICE = {
  sqlite: 'Set DATABASE_URL to a file in a folder that this user may write to.',
  postgres:
    'Set DATABASE_URL to a PostgreSQL database that answers, with a user who may create tables in it: postgres://user:password@host:5432/database.',
};

/**
 * Opens the database and migrates it.
 *
 * Throws a `DatabaseError` that says what to do where it cannot be used, or is newer than this code. With `mustExist`,
 * a missing database is an error and none is created. The target of an unfinished `copy` is an error unless
 * `mayBeUnfinished`: half of the log must not be taken for all of it.
 */
export async function openDatabase({
  config,
  clock,
  mustExist = false,
  mayBeUnfinished = false,
  signer,
  isServing = false,
  onError = () => {},
}: {
  config: DatabaseConfig;
  clock: Clock;
  mustExist?: boolean;
  mayBeUnfinished?: boolean;
  /** Signs the entries of the grant log. */
  signer?: LogSigner;
  /** For the app, which people wait for: a statement that hangs fails within seconds. A command may take its time. */
  isServing?: boolean;
  /** Called for each statement and each connection that fails. */
  onError?: () => void;
}): Promise<Database> {
  if (mustExist && config.kind === 'sqlite' && !existsSync(config.path)) throw toMissingDatabaseError(config);
  let db: Queryable | undefined;
  const connect = (dialect: Dialect) =>
    new Kysely<Schema>({
      dialect: reportConnectionErrors(dialect, onError),
      log: ({ level }) => {
        if (level === 'error') onError();
      },
    });
  try {
    const dialect = openDialect(config, clock);
    db = connect(dialect.kyselyDialect);
    if (mustExist && (await listApplied(db, dialect)).length === 0) throw toMissingDatabaseError(config);
    await migrate(db, dialect);
    if (!mayBeUnfinished && (await dialect.hasTable(db, COPY_PROGRESS_TABLE)))
      throw toUnfinishedCopyError(config);
    if (isServing) dialect.limitStatements();
    const reader = isServing ? dialect.openReader() : undefined;
    return createDatabase({ db, reader, dialect, clock, signer, onError });
  } catch (error) {
    await db?.destroy();
    if (error instanceof ScopekeeperError && error.code !== 'database_away') throw error;
    throw new DatabaseError(
      'database_unusable',
      `The database ${toDatabaseName(config)} cannot be used (${toErrorMessage(error)}). ${ADVICE[config.kind]}`,
      { cause: error },
    );
  }
}

/** Loads only the driver that is used. */
function openDialect(config: DatabaseConfig, clock: Clock): DatabaseDialect {
  if (config.kind === 'sqlite') {
    const { openSqlite }: typeof import('./sqlite') = require('./sqlite');
    return openSqlite({ path: config.path, clock });
  }
  const { openPostgres }: typeof import('./postgres') = require('./postgres');
  return openPostgres({ url: config.url });
}

function createDatabase({
  db,
  reader,
  dialect,
  clock,
  signer,
  onError,
}: {
  db: Queryable;
  /** For reads that need not wait for this process's writes. */
  reader: RowReader | undefined;
  dialect: DatabaseDialect;
  clock: Clock;
  signer: LogSigner | undefined;
  onError: () => void;
}) {
  let fault: { error: unknown; at: number } | undefined;
  let slowAt = Number.NEGATIVE_INFINITY;

  const signing =
    <T>(run: Run<T>): Run<T> =>
    (transaction) => {
      if (signer !== undefined) signWith(transaction, signer);
      return run(transaction);
    };

  const withTeamLocks =
    <T>(teamIds: readonly string[], run: Run<T>): Run<T> =>
    async (transaction) => {
      await dialect.lockTeams(transaction, teamIds);
      return run(transaction);
    };

  /** Runs a transaction, and remembers a fault of the storage for `assertWritable`. */
  async function commit<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await dialect.withRetries(run);
    } catch (error) {
      if (dialect.isStorageFault(error)) fault = { error, at: clock.now() };
      throw error;
    }
  }

  /** All or nothing. Retried after a conflict, so `run` must have no effects but its queries. */
  const transact = <T>(run: Run<T>): Promise<T> => commit(() => db.transaction().execute(signing(run)));

  /** As others do, when they need not wait for what this process writes. */
  const readRows: ReadRows = async (query) => {
    if (reader === undefined) return (await query.execute(db)).rows;
    try {
      return reader.read(query.compile(db));
    } catch (error) {
      onError();
      throw error;
    }
  };

  async function readNow<T>(read: (readRows: ReadRows) => Promise<T>): Promise<T> {
    const found = await read(readRows);
    slowAt = Number.NEGATIVE_INFINITY;
    return found;
  }

  return {
    kind: dialect.kind,
    query: db,
    read: readRows,
    transact,
    /** As `transact`, while no other `transactTeams` runs for one of these teams, in any process. */
    transactTeams: <T>(teamIds: readonly string[], run: Run<T>): Promise<T> =>
      transact(withTeamLocks(teamIds, run)),
    /**
     * As `transactTeams`, for writes that nobody waits for: does not wait for the disk, so that a loss of power can take
     * the last of them, and lets other work run between its statements.
     */
    transactTeamsWithoutSync: <T>(teamIds: readonly string[], run: Run<T>): Promise<T> =>
      commit(() =>
        db.connection().execute((connection) =>
          dialect.withoutSync(connection, (begin) =>
            connection.transaction().execute(async (transaction) => {
              await begin(transaction);
              return signing(withTeamLocks(teamIds, run))(transaction.withPlugin(yieldBetweenStatements));
            }),
          ),
        ),
      ),
    /**
     * Reads for a trigger: waits for no write of this process. Returns undefined after 150 ms, and throws where the
     * database is unavailable.
     */
    async readForTrigger<T extends object>(read: (readRows: ReadRows) => Promise<T>): Promise<T | undefined> {
      const reading = readNow(read);
      // The await below reports a failure; after a slow read nobody awaits it.
      reading.catch(() => {});
      if (isFresh(slowAt, clock.now(), SLOW_STANDS_MS)) return undefined;
      const found = await withTimeout(reading, TRIGGER_PATIENCE_MS, clock);
      if (found === undefined) slowAt = clock.now();
      return found;
    },
    /** Throws unless a write could be committed now. */
    async assertWritable(): Promise<void> {
      await dialect.withRetries(() => dialect.assertWritable(db));
      if (fault !== undefined && isFresh(fault.at, clock.now(), FAULT_TTL_MS)) throw fault.error;
    },
    async close(): Promise<void> {
      reader?.close();
      await db.destroy();
    },
  };
}

/** Yields after each statement: on SQLite, a whole transaction would block the event loop. */
const yieldBetweenStatements: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  async transformResult({ result }) {
    await new Promise((resolve) => setImmediate(resolve));
    return result;
  },
};

function toUnfinishedCopyError(config: DatabaseConfig): DatabaseError {
  return new DatabaseError(
    'database_unusable',
    `${toDatabaseName(config)} is the target of an unfinished copy. Run the same scopekeeper copy again to resume it.`,
  );
}

function toMissingDatabaseError(config: DatabaseConfig): DatabaseError {
  return new DatabaseError(
    'database_unusable',
    `There is no database at ${toDatabaseName(config)}. Start the app once, or set DATABASE_URL to the one it uses.`,
  );
}
