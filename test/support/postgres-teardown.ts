import { Client } from 'pg';
import { stopPostgresServer } from './postgres-server';

/** Jest's `globalTeardown`: runs after tests that failed as well. A server that was lent is left as it was. */
export = async function tearDownPostgres(): Promise<void> {
  if (await stopPostgresServer()) return;
  const client = new Client({ connectionString: process.env.TEST_POSTGRES_URL });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
  for (const { datname } of rows) {
    if (datname.startsWith(`${process.env.TEST_POSTGRES_PREFIX}_`)) {
      await client.query(`drop database ${datname} with (force)`);
    }
  }
  await client.end();
};
