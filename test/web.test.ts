import { renameSync } from 'node:fs';
import { type Harness, startHarness } from './support/harness';

describe('GET /healthz', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.close());

  it('answers 200 while a request could be served and recorded', async () => {
    const response = await fetch(harness.url('/healthz'));
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('answers 503 when the database is gone', async () => {
    renameSync(harness.databasePath, `${harness.databasePath}.gone`);
    const response = await fetch(harness.url('/healthz'));
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'unavailable', reason: 'the database cannot be used' },
    ]);
  });
});
