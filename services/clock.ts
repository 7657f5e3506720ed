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

/** ISO 8601 in UTC, as every time that leaves the product is written. */
export function toIsoTime(ms: number): string {
  return new Date(ms).toISOString();
}
