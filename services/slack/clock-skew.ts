import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';

/** Warns from here on: a trigger lives for three seconds. */
const WARN_SKEW_MS = 2_000;
const CONFIRMED_SKEW_MS = 60 * 60_000;
const CONFIRMATION_TTL_MS = 24 * 60 * 60_000;

export type ClockSkew = ReturnType<typeof createClockSkew>;

/** Compares the clock of this machine with Slack's, by the `Date` of Slack's answers. */
export function createClockSkew({ clock, logger }: { clock: Clock; logger: Logger }) {
  /** Bounds of Slack's time minus ours, ms. Each answer can only narrow them, unless a clock was set meanwhile. */
  let atLeast = Number.NEGATIVE_INFINITY;
  let atMost = Number.POSITIVE_INFINITY;
  let isSkewed = false;
  /** The latest `Date` of Slack's, ms. */
  let seenAt: number | undefined;

  return {
    /** Takes the `Date` of an answer. `askedAt`: ms by our own clock, when the call left. */
    observe(date: unknown, askedAt: number): void {
      const second = Date.parse(String(date));
      if (Number.isNaN(second)) return;
      seenAt = second;
      // Slack wrote it after the call left and before now, rounded down.
      const from = second - clock.now();
      const to = second + 1_000 - askedAt;
      const wasSet = from > atMost || to < atLeast;
      atLeast = wasSet ? from : Math.max(atLeast, from);
      atMost = wasSet ? to : Math.min(atMost, to);
      const wasSkewed = isSkewed;
      isSkewed = atLeast > WARN_SKEW_MS || atMost < -WARN_SKEW_MS;
      if (!isSkewed || (wasSkewed && !wasSet)) return;
      const aheadSeconds = -Math.round((atLeast + atMost) / 2_000);
      logger.warn(
        { ahead_seconds: aheadSeconds },
        'the system clock differs from Slack’s: set it, and keep it in sync with NTP',
      );
    },
    /**
     * Lower bound of how far our clock runs ahead of Slack's, in ms; 0 if it does not, or unknown. A clock that is behind
     * needs no correction: nothing was sent later than it arrived.
     */
    aheadMs: (): number => Math.max(0, -atMost),
    /** Whether Slack's clock was seen within the last day, and agrees with ours to within an hour. */
    isConfirmed(): boolean {
      if (seenAt === undefined || atLeast > CONFIRMED_SKEW_MS || atMost < -CONFIRMED_SKEW_MS) return false;
      // By Slack's time: our own clock may have been set since.
      const sinceMs = clock.now() - seenAt;
      return sinceMs >= -CONFIRMED_SKEW_MS && sinceMs <= CONFIRMATION_TTL_MS;
    },
  };
}

/** For a command that uses up no trigger. */
export const noClockSkew: ClockSkew = { observe: () => {}, aheadMs: () => 0, isConfirmed: () => false };
