import { randomBytes } from 'node:crypto';
import { startPostgresServer } from './postgres-server';

/** Jest's `globalSetup`: one server for the whole run. What stands in the environment, every test file finds. */
export = async function setUpPostgres(): Promise<void> {
  process.env.TEST_POSTGRES_URL ||= await startPostgresServer();
  process.env.TEST_POSTGRES_PREFIX = `scopekeeper_test_${randomBytes(4).toString('hex')}`;
};
