import { loadDatabaseConfig, readEnvironment } from '../services/config/config';
import { type Database, openDatabase } from '../services/database/database';
import { systemClock } from '../services/runtime/clock';

/** Runs a command on the database of DATABASE_URL, which must exist, and closes it. */
export async function withDatabase(run: (database: Database) => Promise<void>): Promise<void> {
  const config = loadDatabaseConfig(readEnvironment());
  const database = await openDatabase({ config, clock: systemClock, mustExist: true });
  try {
    await run(database);
  } finally {
    await database.close();
  }
}
