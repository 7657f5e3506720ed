import { backends } from '../support/backends';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { createTestClock, shiftClock } from '../support/test-clock';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const ASK = `request ${REMIND}`;
const OFF_MS = 90_000;

describe.each(databases)('a machine whose clock is set while the app runs, on %s', (database) => {
  const REQUEST = 'apps.permissions.users.request';
  const HOUR = 3_600_000;
  let harness: Harness;
  let slackAheadMs = 0;
  afterEach(() => harness.close());

  async function start(overrides: Record<string, string> = {}): Promise<void> {
    slackAheadMs = 0;
    const clock = createTestClock(Math.floor(Date.now() / 1_000) * 1_000);
    harness = await startHarness(overrides, {
      database,
      clock,
      sandbox: { clock: shiftClock(clock, () => slackAheadMs) },
    });
  }

  /** Slack's clock stays right. */
  function setClock(byMs: number): void {
    harness.clock.set(byMs);
    slackAheadMs -= byMs;
  }

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await harness.clock.advance(1_000);
      await harness.settled();
    }
  }

  const buttons = () => harness.ben.messages().flatMap((message) => message.buttons);

  it.each([
    ['an hour back', -HOUR],
    ['a minute and a half back', -90_000],
    ['an hour ahead', HOUR],
  ])('calls who waits for their turn within a minute: %s', async (_name, byMs) => {
    await start();
    const { slack, ben } = harness;
    slack.faults.answerNext(REQUEST, {
      status: 429,
      headers: { 'Retry-After': '20' },
      body: { ok: false, error: 'ratelimited' },
    });
    await ben.runCommand('/permissions', ASK);
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain('You are number 1');
    setClock(byMs);
    await pass(25_000);
    expect(buttons()).toEqual(['Continue']);
  });

  it('keeps the turn of whoever was called before it was put back', async () => {
    await start();
    const { slack, ben } = harness;
    slack.faults.answerNext(REQUEST, { status: 429, headers: { 'Retry-After': '1' }, body: { ok: false } });
    await ben.runCommand('/permissions', ASK);
    await harness.settled();
    await pass(3_000);
    expect(buttons()).toEqual(['Continue']);
    setClock(-90_000);
    await pass(2_000);
    await ben.press('Continue');
    await harness.settled();
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('an hour back, users, channel and webhook are told within ten seconds what Slack did not take before', async () => {
    await start({ AUDIT_CHANNEL: 'C0GENERAL' });
    const { slack, ben } = harness;
    slack.faults.answerAlways('chat.postMessage', { status: 503, text: '' });
    await ben.runCommand('/permissions', ASK);
    await ben.allow();
    await harness.settled();
    await pass(3_000);
    const noted = () => ben.messages().filter(({ plain }) => plain.includes('Noted: you granted'));
    expect(noted()).toEqual([]);
    setClock(-HOUR);
    slack.faults.answerAlways('chat.postMessage', undefined);
    await pass(10_000);
    expect(noted()).toHaveLength(1);
    const { length } = await harness.log();
    expect(
      await harness.database.run(`select 1 as told from sinks where team_id <> '' and seq = ${length}`),
    ).toEqual([{ told: 1 }]);
  });

  it('deletes nothing by age where it went two months ahead, until Slack’s clock agrees with it', async () => {
    await start({ RETENTION_DAYS: '30' });
    const { ben } = harness;
    await ben.runCommand('/permissions', ASK);
    await ben.allow();
    await harness.settled();
    const before = (await harness.events()).length;
    setClock(60 * 24 * HOUR);
    await pass(2_000);
    await harness.clock.advance(180_000, 10_000);
    await harness.settled();
    expect((await harness.events()).length).toBeGreaterThanOrEqual(before);
    // So much time has gone by at Slack, too.
    slackAheadMs = 0;
    await harness.clock.advance(90_000, 10_000);
    await harness.settled();
    await harness.clock.advance(90_000, 10_000);
    await harness.settled();
    expect((await harness.events()).filter((entry) => entry.startsWith('granted'))).toEqual([]);
  });
});

describe.each(backends)('asking on a machine whose clock is off, by $name', (backend) => {
  const { oauth, method, isAsked, allow } = backend;

  let harness: Harness;
  /** How far the clock of the app's machine goes ahead of Slack's. */
  let aheadMs: number;
  afterEach(() => harness.close());

  async function start(byMs: number): Promise<void> {
    aheadMs = byMs;
    const clock = createTestClock(Math.floor(Date.now() / 1_000) * 1_000);
    const sandbox = { clock: shiftClock(clock, () => -aheadMs) };
    harness = await startHarness({}, { oauth, clock, sandbox });
  }

  const calls = () => harness.slack.callsTo(method);

  async function ask(options?: { triggerAgeMs: number }, text = ASK): Promise<void> {
    expect(await harness.ben.runCommand('/permissions', text, options)).toMatchObject({ status: 200 });
    await harness.settled();
  }

  async function expectAskedAndJoined(events: string[]): Promise<void> {
    expect(isAsked(harness.ben, REMIND)).toBe(true);
    await allow(harness, harness.ben);
    const entries = await harness.log();
    expect(entries.map(({ event }) => event)).toEqual(events);
    expect(new Set(entries.map(({ request_id }) => request_id)).size).toBe(1);
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
  }

  function warnings(): Record<string, unknown>[] {
    return harness.lines
      .filter((line) => line.includes('the system clock differs from Slack’s'))
      .map((line) => JSON.parse(line));
  }

  describe.each([
    ['ahead', OFF_MS],
    ['behind', -OFF_MS],
  ])('90 s %s', (_direction, byMs) => {
    it('asks at a fresh trigger, at once', async () => {
      await start(byMs);
      await ask();
      expect(calls()).toMatchObject([{ triggerAgeMs: 0 }]);
      expect(harness.ben.messages()).toEqual([]);
      await expectAskedAndJoined(['requested', 'granted']);
    });

    it('waits for a Slack that hangs no longer than the trigger lives', async () => {
      await start(byMs);
      harness.slack.faults.answerNext(method, { hang: true });
      const asked = ask();
      await until(() => calls().length === 1);
      await harness.clock.advance(2_900);
      await asked;
      expect(harness.slack.deliveries[0]?.durationMs).toBeLessThan(3_000);
      expect(await harness.log()).toMatchObject([{ event: 'failed', error: 'timeout' }]);
      expect(harness.ben.messages()).toMatchObject([{ buttons: ['Continue'] }]);
      await harness.ben.press('Continue');
      await harness.settled();
      await expectAskedAndJoined(['failed', 'requested', 'granted']);
    });

    it('tells the operator to check the clock, once, and by how much it is off', async () => {
      await start(byMs);
      await ask();
      await ask();
      await ask();
      expect(warnings()).toMatchObject([{ level: 'warn' }]);
      const [{ ahead_seconds: ahead } = {}] = warnings();
      expect(Math.abs(Number(ahead) - byMs / 1_000)).toBeLessThanOrEqual(1);
    });

    it('takes what Slack tells in Slack’s own order', async () => {
      await start(byMs);
      const { ben, slack, clock } = harness;
      await ask();
      await allow(harness, ben);
      await clock.advance(5_000);
      await slack.takeBack('U0BEN');
      await harness.settled();
      expect(await harness.grants()).toEqual([]);
      await clock.advance(5_000);
      await ask();
      await allow(harness, ben);
      expect((await harness.events()).filter((event) => !event.startsWith('requested'))).toEqual([
        `granted ${REMIND}`,
        `removed ${REMIND}`,
        `granted ${REMIND}`,
      ]);
      expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
    });
  });

  it('still knows an old trigger from a fresh one, and offers "Continue"', async () => {
    await start(OFF_MS);
    await ask({ triggerAgeMs: 2_900 });
    expect(calls()).toEqual([]);
    expect(await harness.log()).toMatchObject([{ event: 'failed', error: 'no_time_left' }]);
    expect(harness.ben.messages()).toMatchObject([{ buttons: ['Continue'] }]);
    await harness.ben.press('Continue');
    await harness.settled();
    await expectAskedAndJoined(['failed', 'requested', 'granted']);
  });

  it('finds out by itself where the clock goes wrong while it runs: "Continue" works at the latest', async () => {
    await start(0);
    aheadMs = OFF_MS;
    await ask();
    if (!isAsked(harness.ben, REMIND)) {
      expect(harness.ben.messages()).toMatchObject([{ buttons: ['Continue'] }]);
      await harness.ben.press('Continue');
      await harness.settled();
    }
    expect(isAsked(harness.ben, REMIND)).toBe(true);
    expect(warnings()).toHaveLength(1);
    await allow(harness, harness.ben);
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
  });

  it('needs no restart when the clock is put right', async () => {
    await start(OFF_MS);
    await ask();
    await backend.close(harness.ben);
    aheadMs = 0;
    await ask({ triggerAgeMs: 0 }, 'request dnd:write:user');
    expect(harness.ben.messages()).toEqual([]);
    expect(isAsked(harness.ben, 'dnd:write:user')).toBe(true);
    await ask({ triggerAgeMs: 2_900 }, 'request dnd:read:user');
    expect(harness.ben.messages()).toMatchObject([{ buttons: ['Continue'] }]);
  });

  it('says nothing of a clock that is right', async () => {
    await start(0);
    await ask();
    await harness.clock.advance(10_000);
    await ask();
    expect(warnings()).toEqual([]);
  });
});
