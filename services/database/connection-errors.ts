import type { Dialect, Driver } from 'kysely';

/** The same dialect, which also tells where no connection can be had: statements that fail are told by Kysely's log. */
export function reportConnectionErrors(dialect: Dialect, onError: () => void): Dialect {
  return {
    createDriver: () => reportDriverErrors(dialect.createDriver(), onError),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

function reportDriverErrors(driver: Driver, onError: () => void): Driver {
  return {
    init: () => driver.init(),
    async acquireConnection() {
      try {
        return await driver.acquireConnection();
      } catch (error) {
        onError();
        throw error;
      }
    },
    beginTransaction: (connection, settings) => driver.beginTransaction(connection, settings),
    commitTransaction: (connection) => driver.commitTransaction(connection),
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection),
    releaseConnection: (connection) => driver.releaseConnection(connection),
    destroy: () => driver.destroy(),
  };
}
