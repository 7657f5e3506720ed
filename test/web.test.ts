import { databases } from './support/databases';
import { type Harness, startHarness } from './support/harness';

describe.each(databases)('GET /healthz, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database });
  });
  afterEach(() => harness.close());

  it('answers 200 while a request could be served and recorded', async () => {
    const response = await fetch(harness.url('/healthz'));
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('answers 503 while the database is gone', async () => {
    const ask = async () => {
      const response = await fetch(harness.url('/healthz'));
      return [response.status, await response.json()];
    };
    const away = await harness.database.makeUnavailable();
    expect(await ask()).toEqual([503, { status: 'unavailable', reason: 'database health check failed' }]);
    await away.bringBack();
    expect(await ask()).toEqual([200, { status: 'ok' }]);
  });
});
