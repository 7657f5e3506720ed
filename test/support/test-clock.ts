import { createTestClock, type TestClock } from '../../sandbox/test-clock';

export { createTestClock, type TestClock };

/** The same time on another clock, which goes ahead by so much at the moment; behind if it is negative. */
export function shiftClock(clock: TestClock, aheadMs: () => number): Pick<TestClock, 'now' | 'setTimeout'> {
  return { now: () => clock.now() + aheadMs(), setTimeout: clock.setTimeout };
}
