import { backends } from '../support/backends';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { type StallingProxy, startStallingProxy } from '../support/stalling-proxy';
import { until } from '../support/until';

const DND = 'dnd:write:user';
const TOKEN = 'a-token-of-the-metrics';

describe.each(backends)(
  'a database that is locked for some seconds, by $name',
  ({ oauth, method, isAsked, allow }) => {
    describe.each(databases)('on %s', (database) => {
      let harness: Harness;
      beforeEach(async () => {
        harness = await startHarness({ METRICS_TOKEN: TOKEN }, { database, oauth });
      });
      afterEach(() => harness.close());

      async function unwritten(): Promise<number> {
        const headers = { authorization: `Bearer ${TOKEN}` };
        const text = await (await fetch(harness.url('/metrics'), { headers })).text();
        const counts = text.matchAll(/^scopekeeper_unwritten_records\{.*\} (\d+)$/gm);
        return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
      }

      it('does not lose what was asked: it is written when it can be, and the answer is joined to it', async () => {
        const { ben, slack, clock, database: place } = harness;
        const lock = await place.lock();
        let isAnswered = false;
        const asked = ben.runCommand('/permissions', `request ${DND}`).finally(() => {
          isAnswered = true;
        });
        await until(() => slack.callsTo(method).length === 1);
        await until(async () => {
          // SQLite gives up by the app's clock, which needs no timer for it.
          clock.set(1_000);
          if (!isAnswered) await clock.advance(100);
          return isAnswered && (await unwritten()) > 0;
        });
        expect(await asked).toMatchObject({ status: 200 });
        expect(isAsked(ben, DND)).toBe(true);
        expect(await harness.log()).toEqual([]);

        // Who asks again meanwhile is told that they are being asked.
        await ben.runCommand('/permissions', `request ${DND}`);
        await until(() => ben.messages().length > 0);
        expect(ben.lastMessage()?.buttons).toEqual(['Show it again']);
        expect(slack.callsTo(method)).toHaveLength(1);

        await lock.release();
        await harness.settled();
        expect(await unwritten()).toBe(0);
        await allow(harness, ben);
        const entries = await harness.log();
        expect(entries.map(({ event }) => event)).toEqual(['requested', 'granted']);
        expect(entries[1]?.request_id).toBe(entries[0]?.request_id);
      });
    });
  },
);

describe('connections to PostgreSQL that hang', () => {
  let harness: Harness;
  let proxy: StallingProxy;
  beforeEach(async () => {
    harness = await startHarness({}, { database: 'postgres' });
    proxy = await startStallingProxy(harness.database.url);
    await harness.app.stop();
    harness.environment.DATABASE_URL = proxy.url;
    await harness.start();
  });
  afterEach(async () => {
    await harness.close();
    proxy.close();
  });

  const grant = (teamId = 'T0SANDBOX') =>
    harness.slack.sendEvent({ type: 'user_resource_granted', user: 'U0BEN', scopes: [DND] }, { teamId });

  it('are given up within some seconds, and events are recorded again without a restart', async () => {
    await grant('T0SECOND');
    proxy.stallOpen();
    expect(await grant()).toMatchObject({ status: 200 });
    expect((await harness.events()).filter((entry) => entry === `granted ${DND}`)).toHaveLength(2);
  });

  it('do not hold up what comes behind them', async () => {
    proxy.stallAt('scopekeeper:T0SANDBOX');
    let isFirstDone = false;
    const first = grant().finally(() => {
      isFirstDone = true;
    });
    await until(() => harness.slack.deliveries.length === 1);
    expect(await grant('T0SECOND')).toMatchObject({ status: 200, attempt: 1 });
    expect(isFirstDone).toBe(false);
    expect(await first).toMatchObject({ status: 200 });
  });

  it('show in /healthz, and when events have waited for five seconds', async () => {
    const health = async () => (await fetch(harness.url('/healthz'))).status;
    expect(await health()).toBe(200);
    proxy.stallAt('scopekeeper:T0SANDBOX');
    const first = grant();
    await until(() => harness.slack.deliveries.length === 1);
    expect(await health()).toBe(200);
    await harness.clock.advance(5_100);
    expect(await health()).toBe(503);
    await first;
    await until(async () => (await health()) === 200);
    proxy.stallOpen();
    expect(await health()).toBe(503);
  });

  it('do not keep the app from ending', async () => {
    proxy.stallAll();
    const event = grant();
    await until(() => harness.slack.deliveries.length === 1);
    const stopped = harness.app.stop().then(
      () => true,
      () => true,
    );
    expect(await stopped).toBe(true);
    await harness.clock.advance(10 * 60_000);
    await event;
    harness.environment.DATABASE_URL = harness.database.url;
    await harness.start();
  });
});
