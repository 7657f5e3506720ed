import { existsSync } from 'node:fs';
import { type Dialect, Kysely, type KyselyPlugin, type Transaction } from 'kysely';
import { type DatabaseConfig, toDatabaseName } from '../config/database-url';
import { type Clock, isFresh } from '../runtime/clock';
import { DatabaseError, ScopekeeperError, toErrorMessage } from '../runtime/errors';
import type { LogSigner } from '../runtime/secrets/log-signer';
import { withTimeout } from '../runtime/with-timeout';
import { reportConnectionErrors } from './connection-errors';
import type { DatabaseDialect } from './dialect';
import { listApplied, migrate } from './migrate';
import type { Queryable, Schema } from './schema';
import { signWith } from './transaction-signer';

type Run<T> = (transaction: Transaction<Schema>) => Promise<T>;

export type Database = ReturnType<typeof createDatabase>;

/** There while `copy` is at work, and gone when what it copied has been verified. */
export const COPY_PROGRESS_TABLE = 'copy_progress';

/** How long a write that failed stands against those that succeed: a full disk may still take a small one. */
const FAULT_TTL_MS = 10_000;
/** How long a trigger, which lives for three seconds, waits for a read. */
const TRIGGER_PATIENCE_MS = 150;
/** For so long after a read that took longer, no trigger waits for one, so that two reads of one trigger do not add up. */
const SLOW_STANDS_MS = 1_000;

const ADVICE = {
  sqlite: 'Set DATABASE_URL to a file in a folder that this user may write to.',
  postgres:
    'Set DATABASE_URL to a PostgreSQL database that answers, with a user who may create tables in it: postgres://user:password@host:5432/database.',
};

/**
 * Opens the database and brings its tables to this version.
 *
 * Throws a `DatabaseError` that says what to do where it cannot be used, or is newer than this code.
 * With `mustExist`, a missing one is an error and nothing is made. One that `copy` has not finished is an error but
 * where it `mayBeUnfinished`: half of the record must not be taken for all of it.
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
  /** Signs what is added to the grant log. */
  signer?: LogSigner;
  /** For an app that people wait for: a statement that hangs fails within some seconds. A command takes the time it needs. */
  isServing?: boolean;
  /** Told of each statement and each connection that fails. */
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
    return createDatabase({ db, reader: reader && connect(reader), dialect, clock, signer });
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

/** The driver of the one that is not used is not loaded. */
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
  reader = db,
  dialect,
  clock,
  signer,
}: {
  db: Queryable;
  /** Where a read need not wait for this process's writes. */
  reader: Queryable | undefined;
  dialect: DatabaseDialect;
  clock: Clock;
  signer: LogSigner | undefined;
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

  /** Runs a transaction, and remembers where the database could not take it. */
  async function commit<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await dialect.withRetries(run);
    } catch (error) {
      if (dialect.isStorageFault(error)) fault = { error, at: clock.now() };
      throw error;
    }
  }

  /** Runs all or nothing. Tried again where another was in the way, so `run` has no effect but its queries. */
  const transact = <T>(run: Run<T>): Promise<T> => commit(() => db.transaction().execute(signing(run)));

  async function readNow<T>(read: (db: Queryable) => Promise<T>): Promise<T> {
    const found = await read(reader);
    slowAt = Number.NEGATIVE_INFINITY;
    return found;
  }

  return {
    kind: dialect.kind,
    query: db,
    transact,
    /** The same, while no other `transactTeams` runs for one of these teams, in this process or another. */
    transactTeams: <T>(teamIds: readonly string[], run: Run<T>): Promise<T> =>
      transact(withTeamLocks(teamIds, run)),
    /**
     * The same, for what nobody waits for and Slack would not send again: the disk is not waited for, so that a loss of
     * power can take the last of it, and other work goes on between its statements.
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
     * Reads what this process and others have committed, for a trigger: waits for no write of this process, and returns
     * undefined where the database takes longer than 150 ms. Throws where it is away.
     */
    async readForTrigger<T extends object>(read: (db: Queryable) => Promise<T>): Promise<T | undefined> {
      const reading = readNow(read);
      // Whoever waits for it is told of a failure; nobody may.
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
      if (reader !== db) await reader.destroy();
      await db.destroy();
    },
  };
}

/** Lets others have the processor after each statement: on SQLite, all of a transaction would run in one go. */
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
