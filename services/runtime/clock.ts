/** A timer that can be called off. */
export interface Timer {
  cancel(): void;
}

/** The time, as an argument: tests move it by hand, the app takes the system's. Milliseconds throughout. */
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
 * Whether a wait is over. It is, too, where its end is further ahead than such a wait can last: the clock was put back
 * meanwhile.
 */
export function isOver(untilMs: number, nowMs: number, longestMs: number): boolean {
  return untilMs <= nowMs || untilMs > nowMs + longestMs;
}

/** Whether something of `atMs` still counts. One that lies ahead does not: the clock was put back since. */
export function isFresh(atMs: number, nowMs: number, lifeMs: number): boolean {
  return !isOver(atMs + lifeMs, nowMs, lifeMs);
}

/** ISO 8601 in UTC, as every time that leaves the product is written. */
export function toIsoTime(ms: number): string {
  return new Date(ms).toISOString();
}
