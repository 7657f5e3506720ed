import type { Clock } from '../runtime/clock';

/**
 * Says how long to wait before the next call, so that Slack never has to refuse one. Slack's Tier 2: so many calls a minute,
 * and as many at once after a rest (https://docs.slack.dev/apis/web-api/rate-limits).
 */
export function createRateLimiter({ perMinute, clock }: { perMinute: number; clock: Clock }) {
  const perMs = perMinute / 60_000;
  let calls = perMinute;
  let refilledAt = clock.now();

  function refill(): void {
    const now = clock.now();
    // None are lost where the clock was put back.
    calls = Math.min(perMinute, calls + Math.max(0, now - refilledAt) * perMs);
    refilledAt = now;
  }

  return {
    /** Takes a call: 0, or the ms until there is one. */
    take(): number {
      refill();
      if (calls < 1) return Math.ceil((1 - calls) / perMs);
      calls -= 1;
      return 0;
    },
    /** Slack refused a call: the burst is spent. */
    drain(): void {
      refill();
      calls = 0;
    },
  };
}
