import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';

/** From here on it is worth a warning: a trigger lives for three seconds. */
const OFF_MS = 2_000;
const CONFIRMED_WITHIN_MS = 60 * 60_000;
const CONFIRMED_FOR_MS = 24 * 60 * 60_000;

export type SlackTime = ReturnType<typeof createSlackTime>;

/** Compares the clock of this machine with Slack's, by the `Date` of Slack's answers. */
export function createSlackTime({ clock, logger }: { clock: Clock; logger: Logger }) {
  /** Bounds of Slack's time minus ours, ms. Each answer can only narrow them, unless a clock was set meanwhile. */
  let atLeast = Number.NEGATIVE_INFINITY;
  let atMost = Number.POSITIVE_INFINITY;
  let isOff = false;
  /** The last `Date` of Slack's, ms. */
  let heardAt: number | undefined;

  return {
    /** Takes the `Date` of an answer. `askedAt`: ms by our own clock, when the call left. */
    learn(date: unknown, askedAt: number): void {
      const second = Date.parse(String(date));
      if (Number.isNaN(second)) return;
      heardAt = second;
      // Slack wrote it after the call left and before now, rounded down.
      const from = second - clock.now();
      const to = second + 1_000 - askedAt;
      const wasSet = from > atMost || to < atLeast;
      atLeast = wasSet ? from : Math.max(atLeast, from);
      atMost = wasSet ? to : Math.min(atMost, to);
      const wasOff = isOff;
      isOff = atLeast > OFF_MS || atMost < -OFF_MS;
      if (!isOff || (wasOff && !wasSet)) return;
      const aheadSeconds = -Math.round((atLeast + atMost) / 2_000);
      logger.warn(
        { ahead_seconds: aheadSeconds },
        'the clock of this machine is off, compared with Slack’s: set it, and keep it right by NTP',
      );
    },
    /**
     * Lower bound of how far our clock runs ahead of Slack's, in ms; 0 if it does not, or unknown. A clock that is behind
     * needs no correction: nothing was sent later than it arrived.
     */
    aheadMs: (): number => Math.max(0, -atMost),
    /** Whether Slack's clock was heard within the last day, and agrees with ours to within an hour. */
    isConfirmed(): boolean {
      if (heardAt === undefined || atLeast > CONFIRMED_WITHIN_MS || atMost < -CONFIRMED_WITHIN_MS)
        return false;
      // By Slack's time: our own clock may have been set since.
      const sinceMs = clock.now() - heardAt;
      return sinceMs >= -CONFIRMED_WITHIN_MS && sinceMs <= CONFIRMED_FOR_MS;
    },
  };
}

/** For a command that uses up no trigger. */
export const noSlackTime: SlackTime = { learn: () => {}, aheadMs: () => 0, isConfirmed: () => false };
