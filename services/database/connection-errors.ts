import type { Dialect, Driver } from 'kysely';

/** Also reports connections that cannot be acquired: Kysely's log has only the statements that fail. */
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
