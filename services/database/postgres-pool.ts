import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { Pool, type PoolClient, DatabaseError as ServerError, types } from 'pg';
import { systemClock } from '../runtime/clock';
import { DatabaseError, toErrorMessage } from '../runtime/errors';
import { withTimeout } from '../runtime/with-timeout';

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** How long a statement waits for the locks of another transaction. Slack waits three seconds for its 200. */
const LOCK_TIMEOUT_MS = 2_000;
/** Longer than the server lets a statement run: without an answer by then, the connection hangs. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** After this the server ends a statement that is merely slow, and its connection stays usable. */
const SERVER_STATEMENT_TIMEOUT_MS = 4_500;
/** After this the server releases the locks of an instance that fell silent, as after a loss of power. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

const INT8 = 20;

/** A pool whose statements fail on a connection that hangs, which neither FIN nor RST reports. */
export function createPool(url: string): PostgresPool & {
  /**
   * From now on a statement that takes too long fails, and where the server does not report that itself, its connection
   * is destroyed. Migrations take as long as they need.
   */
  limitStatements(): void;
} {
  /** How often a connection has hung. Others that were open then are likely to hang too, and are not used again. */
  let hangs = 0;
  const hangsAtConnect = new WeakMap<object, number>();
  const pool = new Pool({
    connectionString: url,
    application_name: 'scopekeeper',
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    // Notices a server that fell silent within half a minute instead of hours.
    keepAliveInitialDelayMillis: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    types: {
      // `seq` and times in ms are below 2^53; by default pg returns strings.
      getTypeParser: (id, format) => (id === INT8 ? Number : types.getTypeParser(id, format)),
    },
  });
  // A lost idle connection leaves the pool, and one in use fails its query. Without listeners the process would end.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    client.on('error', () => {});
    hangsAtConnect.set(client, hangs);
  });
  let isLimited = false;
  /** Destroys the connections in use. */
  const inUse = new Set<() => void>();

  function limitTime(own: PoolClient): PostgresPoolClient {
    const client: PostgresPoolClient = own;
    function destroy(): void {
      if (inUse.delete(destroy)) own.release(true);
    }
    inUse.add(destroy);

    async function run<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
      if (!inUse.has(destroy)) throw toUnavailableError('the connection was given up');
      try {
        const querying = client.query<R>(text, parameters);
        if (!isLimited) return await querying;
        // By the system's clock, as the server's own timeouts are.
        const result = await withTimeout(querying, STATEMENT_TIMEOUT_MS, systemClock);
        if (result === undefined) throw new Error(`no answer within ${STATEMENT_TIMEOUT_MS / 1_000} s`);
        return result;
      } catch (error) {
        // The server rejects statements; any other error is the connection's.
        if (error instanceof ServerError) throw error;
        if (inUse.has(destroy)) hangs += 1;
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
        if (inUse.delete(destroy)) own.release();
      },
    };
  }

  async function connect(): Promise<PostgresPoolClient> {
    try {
      for (;;) {
        const client = await pool.connect();
        if (hangsAtConnect.get(client) === hangs) return limitTime(client);
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
      // Existing connections were made without it.
      hangs += 1;
    },
    async end() {
      // A statement without an answer must not keep the app from stopping.
      await withTimeout(pool.end(), CLOSE_TIMEOUT_MS, systemClock);
      for (const destroy of [...inUse]) destroy();
    },
  };
}

function toUnavailableError(why: string, cause?: unknown): DatabaseError {
  return new DatabaseError('database_away', `The database did not respond: ${why}`, { cause });
}
