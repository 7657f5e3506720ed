import { createBackground } from '../../services/runtime/background';
import { repeatEvery } from '../../services/runtime/interval';
import { createLogger } from '../../services/runtime/logger';
import { withTimeout } from '../../services/runtime/with-timeout';
import { createTestClock } from '../support/test-clock';

/** Settled by the test. */
function createWork<T>() {
  let resolve = (_value: T) => {};
  let reject = (_error: Error) => {};
  const done = new Promise<T>((keep, fail) => {
    resolve = keep;
    reject = fail;
  });
  return { done, resolve: (value: T) => resolve(value), reject: (error: Error) => reject(error) };
}

function createLines() {
  const lines: { level: string; msg: string; work?: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, logger: createLogger({ level: 'warn', secrets: [], destination }) };
}

describe('a time-out', () => {
  it('gives what the work comes to', async () => {
    const clock = createTestClock();
    expect(await withTimeout(Promise.resolve('done'), 1_000, clock)).toBe('done');
    await expect(withTimeout(Promise.reject(new Error('no')), 1_000, clock)).rejects.toThrow('no');
  });

  it('gives nothing where the work takes longer, which goes on', async () => {
    const clock = createTestClock();
    const work = createWork<string>();
    const waited = withTimeout(work.done, 1_000, clock);
    let isOver = false;
    void waited.then(() => (isOver = true));
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await waited).toBeUndefined();
    work.resolve('late');
    expect(await work.done).toBe('late');
  });

  it('leaves no timer behind', async () => {
    const clock = createTestClock();
    let timers = 0;
    const counting = {
      now: clock.now,
      setTimeout: (run: () => void, delayMs: number) => {
        timers += 1;
        const timer = clock.setTimeout(run, delayMs);
        return {
          cancel: () => {
            timers -= 1;
            timer.cancel();
          },
        };
      },
    };
    await withTimeout(Promise.resolve(), 1_000, counting);
    await withTimeout(Promise.reject(new Error('no')), 1_000, counting).catch(() => {});
    expect(timers).toBe(0);
  });
});

describe('an interval', () => {
  it('runs after each, the first time after one, until it is called off', async () => {
    const clock = createTestClock(0);
    const ran: number[] = [];
    const timer = repeatEvery(1_000, clock, () => ran.push(clock.now()));
    await clock.advance(3_500);
    timer.cancel();
    await clock.advance(10_000);
    expect(ran).toEqual([1_000, 2_000, 3_000]);
  });

  it('goes on after a run that threw, and can be called off from within one', async () => {
    const clock = createTestClock(0);
    let runs = 0;
    const timer = repeatEvery(1_000, clock, () => {
      runs += 1;
      if (runs === 1) throw new Error('once');
      timer.cancel();
    });
    await expect(clock.advance(1_000)).rejects.toThrow('once');
    await clock.advance(5_000);
    expect(runs).toBe(2);
  });
});

describe('work in the background', () => {
  it('is counted until it ends, also where it begins more', async () => {
    const background = createBackground({ logger: createLines().logger });
    const first = createWork<void>();
    const second = createWork<void>();
    background.run('first', async () => {
      await first.done;
      background.run('second', () => second.done);
    });
    let isSettled = false;
    const settled = background.settled().then(() => {
      isSettled = true;
    });
    expect(background.count()).toBe(1);
    first.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect([background.count(), isSettled]).toEqual([1, false]);
    second.resolve();
    await settled;
    expect(background.count()).toBe(0);
  });

  it('that fails is logged under its name, and harms nothing else', async () => {
    const { lines, logger } = createLines();
    const background = createBackground({ logger });
    background.run('a message', () => Promise.reject(new Error('Slack is away')));
    await background.settled();
    expect(lines).toMatchObject([{ level: 'error', work: 'a message' }]);
    expect(background.count()).toBe(0);
  });
});
