import { setTimeout } from 'node:timers/promises';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { Pool, type PoolClient, DatabaseError as ServerError, types } from 'pg';
import { DatabaseError, toErrorMessage } from '../runtime/errors';

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a statement waits for what another transaction holds. Slack waits three seconds for its 200. */
const LOCK_TIMEOUT_MS = 2_000;
/** Longer than the server lets a statement take: what takes this long is a connection that hangs. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** After which the server ends a statement that is merely slow, and its connection is kept. */
const SERVER_STATEMENT_TIMEOUT_MS = 4_500;
/** After which the server lets go of what an instance holds that fell silent, such as one whose machine lost its power. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

const INT8 = 20;

/** A pool whose statements do not wait for ever on a connection that hangs: neither FIN nor RST says that it does. */
export interface TimeLimitedPool extends PostgresPool {
  /**
   * From now on a statement that takes too long fails, and where the server does not say so itself, its connection is
   * destroyed. Migrations take as long as they need.
   */
  limitStatements(): void;
}

export function createPool(url: string): TimeLimitedPool {
  /** How often a connection has hung, and how often one had when a client was made: what was idle then is likely to hang, too. */
  let hangs = 0;
  const born = new WeakMap<object, number>();
  const pool = new Pool({
    connectionString: url,
    application_name: 'scopekeeper',
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    // The other way round: a server that fell silent is noticed within half a minute, not after hours.
    keepAliveInitialDelayMillis: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    types: {
      // `seq` and times in ms are below 2^53; by default they would be strings, to be safe.
      getTypeParser: (id, format) => (id === INT8 ? Number : types.getTypeParser(id, format)),
    },
  });
  // An idle connection that is lost leaves the pool, and one in use fails its query: nobody else has to know. With no
  // listener the process would end.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
    born.set(client, hangs);
  });
  let isLimited = false;
  /** Those in use, by what destroys them. */
  const inUse = new Set<() => void>();

  function limitTime(own: PoolClient): PostgresPoolClient {
    const client: PostgresPoolClient = own;
    let isDestroyed = false;
    function destroy(): void {
      if (isDestroyed) return;
      isDestroyed = true;
      inUse.delete(destroy);
      own.release(true);
    }
    inUse.add(destroy);

    async function run<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
      if (isDestroyed) throw toUnavailableError('the connection was given up');
      try {
        const startedAt = client.query<R>(text, parameters);
        return isLimited ? await withSystemTimeout(startedAt) : await startedAt;
      } catch (error) {
        // What the server says is about the statement; all else is the way to it.
        if (error instanceof ServerError) throw error;
        if (!isDestroyed) hangs += 1;
        destroy();
        throw toUnavailableError(toErrorMessage(error), error);
      }
    }

    function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
    function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
    function query<R>(what: string | PostgresCursor<R>, parameters: readonly unknown[] = []) {
      return typeof what === 'string' ? run<R>(what, parameters) : client.query(what);
    }

    return {
      query,
      release() {
        if (isDestroyed) return;
        inUse.delete(destroy);
        own.release();
      },
    };
  }

  async function connect(): Promise<PostgresPoolClient> {
    try {
      for (;;) {
        const client = await pool.connect();
        if (born.get(client) === hangs) return limitTime(client);
        client.release(true);
      }
    } catch (error) {
      throw error instanceof ServerError ? error : toUnavailableError(toErrorMessage(error), error);
    }
  }

  return {
    connect,
    limitStatements() {
      isLimited = true;
      pool.options.statement_timeout = SERVER_STATEMENT_TIMEOUT_MS;
      // The connections that there are were made without it.
      hangs += 1;
    },
    async end() {
      const ended = pool.end();
      // Whoever waits for an answer that does not come must not keep the app from ending.
      await Promise.race([ended, setTimeout(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      for (const destroy of [...inUse]) destroy();
    },
  };
}

/** Of the system's time: the server's answers do not come by any other. */
async function withSystemTimeout<T>(work: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const over = setTimeout(STATEMENT_TIMEOUT_MS, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`no answer within ${STATEMENT_TIMEOUT_MS / 1_000} s`);
  });
  // One of the two comes too late: nobody hears of it.
  work.catch(() => {});
  over.catch(() => {});
  try {
    return await Promise.race([work, over]);
  } finally {
    abort.abort();
  }
}

function toUnavailableError(why: string, cause?: unknown): DatabaseError {
  return new DatabaseError('database_away', `The database did not respond: ${why}`, { cause });
}
