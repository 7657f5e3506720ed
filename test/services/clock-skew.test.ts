import { createLogger } from '../../services/runtime/logger';
import { type ClockSkew, createClockSkew } from '../../services/slack/clock-skew';
import { createTestClock, shiftClock, type TestClock } from '../support/test-clock';

const HOUR = 60 * 60_000;

describe('the clock of this machine, held against Slack’s', () => {
  let clock: TestClock;
  /** How far ours goes ahead. */
  let aheadMs: number;
  let lines: string[];
  let clockSkew: ClockSkew;
  beforeEach(() => {
    clock = createTestClock(1_800_000_000_000);
    aheadMs = 0;
    lines = [];
    const logger = createLogger({
      level: 'trace',
      secrets: [],
      destination: { write: (line) => void lines.push(line) },
    });
    clockSkew = createClockSkew({ clock: shiftClock(clock, () => aheadMs), logger });
  });

  /** One call to Slack: its `Date` is written halfway, and says whole seconds. */
  async function hear(tookMs = 0): Promise<void> {
    const askedAt = clock.now() + aheadMs;
    await clock.advance(tookMs / 2);
    const date = new Date(clock.now()).toUTCString();
    await clock.advance(tookMs / 2);
    clockSkew.observe(date, askedAt);
  }
  const warnings = () => lines.map((line): unknown => JSON.parse(line));

  it('needs no correction where it is right, or nothing was heard', async () => {
    expect([clockSkew.aheadMs(), clockSkew.isConfirmed()]).toEqual([0, false]);
    await clock.advance(700);
    await hear(200);
    expect([clockSkew.aheadMs(), clockSkew.isConfirmed()]).toEqual([0, true]);
    expect(warnings()).toEqual([]);
  });

  it('is known more closely with each answer, and never taken for further ahead than it is', async () => {
    aheadMs = 90_000;
    let known = 0;
    for (const ms of [100, 350, 800, 970, 30]) {
      await clock.advance(ms);
      await hear(20);
      expect(clockSkew.aheadMs()).toBeGreaterThanOrEqual(known);
      expect(clockSkew.aheadMs()).toBeLessThanOrEqual(aheadMs);
      known = clockSkew.aheadMs();
    }
    expect(known).toBeGreaterThan(aheadMs - 1_000);
    expect(warnings()).toMatchObject([{ level: 'warn', ahead_seconds: 90 }]);
  });

  it('is warned of where it goes behind, which needs no correction', async () => {
    aheadMs = -90_000;
    await hear(20);
    expect(clockSkew.aheadMs()).toBe(0);
    expect(warnings()).toMatchObject([{ ahead_seconds: -90 }]);
  });

  it('is learnt anew where it was set meanwhile', async () => {
    aheadMs = 90_000;
    await hear(20);
    aheadMs = 0;
    await clock.advance(5_000);
    await hear(20);
    expect(clockSkew.aheadMs()).toBe(0);
    aheadMs = 30_000;
    await hear(20);
    expect(clockSkew.aheadMs()).toBeGreaterThan(28_000);
    expect(warnings()).toMatchObject([{ ahead_seconds: 90 }, { ahead_seconds: 30 }]);
  });

  it('is confirmed for a day, to within an hour', async () => {
    await hear();
    await clock.advance(24 * HOUR);
    expect(clockSkew.isConfirmed()).toBe(true);
    await clock.advance(2_000);
    expect(clockSkew.isConfirmed()).toBe(false);
    aheadMs = 2 * HOUR;
    await hear();
    expect(clockSkew.isConfirmed()).toBe(false);
  });

  it.each([undefined, '', 'soon', 12])('learns nothing from a date such as %p', (date) => {
    clockSkew.observe(date, 0);
    expect([clockSkew.aheadMs(), clockSkew.isConfirmed()]).toEqual([0, false]);
    expect(warnings()).toEqual([]);
  });
});
