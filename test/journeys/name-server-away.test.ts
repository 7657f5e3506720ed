import { backends } from '../support/backends';
import { type FakeDns, fakeDns } from '../support/fake-dns';
import { type Harness, startHarness } from '../support/harness';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const API = 'slack.localhost';
/** Where response_urls lead. */
const HOOKS = 'hooks.slack.localhost';
const MINUTE = 60;

describe.each(backends)('a minute without names, by $name', ({ oauth, method, isAsked, allow, close }) => {
  let harness: Harness;
  let names: FakeDns;
  beforeEach(async () => {
    names = fakeDns([API, HOOKS]);
    harness = await startHarness({}, { oauth, sandbox: { hostname: API } });
  });
  afterEach(async () => {
    names.gone.clear();
    await harness.close();
    names.restore();
  });

  const calls = () => harness.slack.callsTo(method);

  /** These are not to be found from now on, and nothing that was connected still is. */
  function lose(...lost: string[]): void {
    for (const name of lost) names.gone.add(name);
    harness.slack.faults.dropConnections();
  }

  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await harness.clock.advance(1_000);
      await harness.settled();
    }
  }

  async function expectContinueWorks(): Promise<void> {
    const { ben } = harness;
    await ben.press('Continue');
    await harness.settled();
    expect(isAsked(ben, REMIND)).toBe(true);
    expect(calls()).toHaveLength(1);
    await allow(harness, ben);
    const entries = await harness.log();
    expect(entries.map(({ event }) => event)).toEqual(['failed', 'requested', 'granted']);
    expect(new Set(entries.map(({ request_id }) => request_id)).size).toBe(1);
  }

  it('gives a "Continue" that works when Slack’s name is there again', async () => {
    const { ben } = harness;
    lose(API);
    expect(await ben.runCommand('/permissions', `request ${REMIND}`)).toMatchObject({ status: 200 });
    await harness.settled();
    expect(calls()).toEqual([]);
    expect(await harness.log()).toMatchObject([{ event: 'failed', error: 'network_error' }]);
    expect(ben.messages()).toMatchObject([
      { ephemeral: true, plain: expect.stringContaining('could not be reached'), buttons: ['Continue'] },
    ]);
    await pass(MINUTE);
    names.gone.clear();
    await expectContinueWorks();
  });

  it('gives it once it can, to whom nothing could be said meanwhile', async () => {
    const { ben } = harness;
    lose(API, HOOKS);
    expect(await ben.runCommand('/permissions', `request ${REMIND}`)).toMatchObject({ status: 200 });
    await pass(MINUTE);
    expect(ben.messages()).toEqual([]);
    expect(await harness.events()).toEqual([`failed ${REMIND}`]);
    names.gone.clear();
    await pass(MINUTE);
    expect(ben.messages()).toMatchObject([
      { plain: expect.stringContaining('could not be reached'), buttons: ['Continue'] },
    ]);
    await expectContinueWorks();
  });

  it('asks as ever over a connection that is still there', async () => {
    const { ben, cleo } = harness;
    await cleo.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    names.gone.add(API);
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    expect(isAsked(ben, REMIND)).toBe(true);
    expect(ben.messages()).toEqual([]);
    expect(calls()).toHaveLength(2);
  });

  it('is forgotten when it is over: nothing has to be started again', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    if (oauth) await allow(harness, ben);
    lose(API, HOOKS);
    // Slack finds the app: it is the app that does not find Slack.
    if (!oauth) await allow(harness, ben);
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);
    await pass(MINUTE);
    names.gone.clear();
    await pass(MINUTE);
    expect(ben.lastMessage()?.plain).toContain(`\`${REMIND}\``);
    if (oauth) await close(ben);
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    expect(isAsked(ben, DND)).toBe(true);
    await allow(harness, ben);
    expect((await harness.events()).slice(2)).toEqual([`requested ${DND}`, `granted ${DND}`]);
    expect((await harness.grants()).map(({ scope }) => scope).sort()).toEqual([DND, REMIND].sort());
  });
});
