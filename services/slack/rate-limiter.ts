import type { Clock } from '../runtime/clock';

/** Says how long to wait before the next call, so that Slack never has to say no. */
export interface Rate {
  /** Takes a turn: 0, or the ms until there is one. */
  take(): number;
  /** Slack said no: the burst is spent. */
  drain(): void;
}

/** Slack's Tier 2: so many calls a minute, and as many at once after a rest (https://docs.slack.dev/apis/web-api/rate-limits). */
export function createRate({ perMinute, clock }: { perMinute: number; clock: Clock }): Rate {
  const perMs = perMinute / 60_000;
  let turns = perMinute;
  let countedAt = clock.now();

  function count(): void {
    const now = clock.now();
    // None are lost where the clock was put back.
    turns = Math.min(perMinute, turns + Math.max(0, now - countedAt) * perMs);
    countedAt = now;
  }

  return {
    take() {
      count();
      if (turns < 1) return Math.ceil((1 - turns) / perMs);
      turns -= 1;
      return 0;
    },
    drain() {
      count();
      turns = 0;
    },
  };
}
