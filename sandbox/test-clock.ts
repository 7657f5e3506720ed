/** Turns of the event loop that an `advance` gives to what waits, before and after each timer. */
const TURNS_TO_SETTLE = 8;

/** Time that tests move by hand. */
export interface TestClock {
  now(): number;
  setTimeout(run: () => void, delayMs: number): { cancel(): void };
  /**
   * Moves on, runs the timers that fall due in their order, and lets promises settle. With `stepMs`, timers run at the
   * end of the step in which they fall due, as on a busy machine: what runs every second runs once a step, which
   * keeps a test of twenty minutes from running it 1,200 times.
   */
  advance(ms: number, stepMs?: number): Promise<void>;
  /** Somebody sets the clock, ahead or back. Timers run as long as they would have: they go by no clock. */
  set(byMs: number): void;
}

interface Timer {
  dueAt: number;
  run: () => void;
}

/** Starts at the system's time unless told: what others check against their own clock stays right. */
export function createTestClock(startMs = Date.now()): TestClock {
  let nowMs = startMs;
  const timers = new Set<Timer>();

  function nextDue(untilMs: number): Timer | undefined {
    // A Set keeps the order of insertion and sort is stable: of two due at once, the first set runs first.
    return [...timers].filter((timer) => timer.dueAt <= untilMs).sort((a, b) => a.dueAt - b.dueAt)[0];
  }

  async function advance(ms: number, stepMs = 0): Promise<void> {
    const startMs = nowMs;
    const untilMs = startMs + ms;
    const toRunAt = (dueAt: number) =>
      stepMs === 0 ? dueAt : Math.min(startMs + Math.ceil((dueAt - startMs) / stepMs) * stepMs, untilMs);
    await settle();
    for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
      timers.delete(timer);
      nowMs = Math.max(nowMs, toRunAt(timer.dueAt));
      timer.run();
      await settle();
    }
    nowMs = untilMs;
    await settle();
  }

  return {
    now: () => nowMs,
    setTimeout: (run, delayMs) => {
      const timer = { dueAt: nowMs + Math.max(0, delayMs), run };
      timers.add(timer);
      return {
        cancel: () => {
          timers.delete(timer);
        },
      };
    },
    advance,
    set(byMs) {
      nowMs += byMs;
      for (const timer of timers) timer.dueAt += byMs;
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS_TO_SETTLE; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
