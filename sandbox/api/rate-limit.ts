import type { SandboxClock } from '../types';

const MINUTE_MS = 60_000;

export type RateLimit = ReturnType<typeof createRateLimit>;

/** A bucket a method: as many calls at once as a minute allows, then one each time a share of the minute has passed. */
export function createRateLimit({ clock }: { clock: SandboxClock }) {
  const buckets = new Map<string, { tokens: number; at: number }>();

  /** Undefined: go on. Otherwise whole seconds until the next call is free. */
  function take(method: string, perMinute: number): number | undefined {
    const now = clock.now();
    const bucket = buckets.get(method) ?? { tokens: perMinute, at: now };
    const refill = ((now - bucket.at) * perMinute) / MINUTE_MS;
    bucket.tokens = Math.min(perMinute, bucket.tokens + refill);
    bucket.at = now;
    buckets.set(method, bucket);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    const waitMs = ((1 - bucket.tokens) * MINUTE_MS) / perMinute;
    return Math.max(1, Math.ceil(waitMs / 1000));
  }

  return { take };
}
