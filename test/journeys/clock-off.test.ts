import { backends } from '../support/backends';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { createTestClock, shiftClock } from '../support/test-clock';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const ASK = `request ${REMIND}`;
const OFF_MS = 90_000;

describe.each(backends)('asking on a machine whose clock is off, by $name', (backend) => {
  const { oauth, method, isAsked, allow } = backend;

  describe.each(databases)('on %s', (database) => {
    let harness: Harness;
    /** How far the clock of the app's machine goes ahead of Slack's. */
    let aheadMs: number;
    afterEach(() => harness.close());

    async function start(byMs: number): Promise<void> {
      aheadMs = byMs;
      const clock = createTestClock(Math.floor(Date.now() / 1_000) * 1_000);
      const sandbox = { clock: shiftClock(clock, () => -aheadMs) };
      harness = await startHarness({}, { database, oauth, clock, sandbox });
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
        .filter((line) => line.includes('the clock of this machine is off'))
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
});
