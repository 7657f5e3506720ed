import { type FakeDns, fakeDns } from '../support/fake-dns';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const API = 'slack.localhost';
const REMIND = 'reminders:write:user';

// Where Slack's name cannot be looked up, only a connection that was open before leads there.
describe('connections to Slack', () => {
  let harness: Harness;
  let names: FakeDns;
  beforeEach(async () => {
    names = fakeDns([API]);
    harness = await startHarness({}, { sandbox: { hostname: API } });
    await untilWarm();
  });
  afterEach(async () => {
    names.gone.clear();
    await harness.close();
    names.restore();
  });

  const warmings = () => harness.slack.callsTo('api.test');

  async function untilWarm(): Promise<void> {
    await until(() => warmings().length >= 4 && warmings().every(({ status }) => status === 200));
  }

  async function expectOpen(): Promise<void> {
    names.gone.add(API);
    await harness.ben.runCommand('/permissions', `request ${REMIND}`);
    expect(harness.ben.prompt()?.scopes).toEqual([REMIND]);
  }

  it('are open before the first trigger comes', async () => {
    await expectOpen();
  });

  it('are used again and again, so that they stay open through a quiet time', async () => {
    const before = warmings().length;
    for (let minute = 0; minute < 5; minute += 1) {
      await harness.clock.advance(60_000);
      await harness.settled();
    }
    await until(() => warmings().length >= before + 5 * 2 * 4);
    await expectOpen();
  });

  it('are opened again where Slack has closed them', async () => {
    const before = warmings().length;
    harness.slack.faults.dropConnections();
    await until(async () => {
      await harness.clock.advance(1_000);
      return warmings().length >= before + 4;
    });
    await untilWarm();
    await expectOpen();
  });
});
