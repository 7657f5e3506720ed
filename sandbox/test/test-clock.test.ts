import { createTestClock } from '../test-clock';

test('time stands still until it is moved', async () => {
  const clock = createTestClock(1000);
  expect(clock.now()).toBe(1000);
  await clock.advance(250);
  expect(clock.now()).toBe(1250);
});

test('timers run when they fall due, in their order, at their time', async () => {
  const clock = createTestClock(0);
  const ran: string[] = [];
  clock.setTimeout(() => ran.push(`late at ${clock.now()}`), 300);
  clock.setTimeout(() => ran.push(`early at ${clock.now()}`), 100);
  clock.setTimeout(() => ran.push(`early, second at ${clock.now()}`), 100);
  const cancelled = clock.setTimeout(() => ran.push('never'), 150);
  cancelled.cancel();

  clock.setTimeout(() => ran.push(`later at ${clock.now()}`), 301);

  await clock.advance(300);
  expect(ran).toEqual(['early at 100', 'early, second at 100', 'late at 300']);
  await clock.advance(1);
  expect(ran.at(-1)).toBe('later at 301');
});

test('what a timer sets in motion goes on before the next timer, and its timers count', async () => {
  const clock = createTestClock(0);
  const ran: string[] = [];
  clock.setTimeout(() => {
    void Promise.resolve().then(() => {
      ran.push('promise');
      clock.setTimeout(() => ran.push(`follow-up at ${clock.now()}`), 50);
    });
  }, 100);
  clock.setTimeout(() => ran.push('second'), 120);

  await clock.advance(200);

  expect(ran).toEqual(['promise', 'second', 'follow-up at 150']);
  expect(clock.now()).toBe(200);
});

test('what was set by a promise before advancing is not missed', async () => {
  const clock = createTestClock(0);
  let ran = false;
  void Promise.resolve().then(() =>
    clock.setTimeout(() => {
      ran = true;
    }, 10),
  );

  await clock.advance(10);

  expect(ran).toBe(true);
});

test('in steps, timers run at the end of the step in which they fall due, and those they set in a later one', async () => {
  const clock = createTestClock(5);
  const ran: string[] = [];
  const again = () =>
    clock.setTimeout(() => {
      ran.push(`every 10 at ${clock.now()}`);
      again();
    }, 10);
  again();
  clock.setTimeout(() => ran.push(`once at ${clock.now()}`), 30);

  await clock.advance(250, 100);

  expect(ran).toEqual(['every 10 at 105', 'once at 105', 'every 10 at 205', 'every 10 at 255']);
  expect(clock.now()).toBe(255);
});
