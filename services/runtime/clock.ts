/** A timer that can be cancelled. */
export interface Timer {
  cancel(): void;
}

/** Time as a dependency, in milliseconds: the app uses the system's clock, tests move their own. */
export interface Clock {
  now(): number;
  setTimeout(run: () => void, delayMs: number): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(run, delayMs) {
    const timeout = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timeout) };
  },
};

/**
 * Whether a wait is over. An end further ahead than the longest such wait counts as over too: the clock was set back
 * meanwhile.
 */
export function hasElapsed(untilMs: number, nowMs: number, longestMs: number): boolean {
  return untilMs <= nowMs || untilMs > nowMs + longestMs;
}

/** Whether something from `atMs` is younger than `lifeMs`. A time in the future is not: the clock was set back since. */
export function isFresh(atMs: number, nowMs: number, lifeMs: number): boolean {
  return !hasElapsed(atMs + lifeMs, nowMs, lifeMs);
}

/** ISO 8601 in UTC, the format of every time in the product's output. */
export function toIsoTime(ms: number): string {
  return new Date(ms).toISOString();
}
