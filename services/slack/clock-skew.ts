import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';

/** How the clock of this machine stands to Slack's, learnt from the `Date` of Slack's answers. */
export interface SlackTime {
  /** Takes what an answer says. `askedAt`: ms by our own clock, when the call left. */
  learn(date: unknown, askedAt: number): void;
  /**
   * By so much, in ms, our clock goes ahead of Slack's at least; 0 where it does not, or nothing is known. Behind needs no
   * correction: what arrived was not sent later than it arrived.
   */
  aheadMs(): number;
  /** Slack's clock was heard within the last day, and agrees with ours to within an hour. */
  isConfirmed(): boolean;
}

/** From here on it is worth a warning: a trigger lives for three seconds. */
const OFF_MS = 2_000;
const CONFIRMED_WITHIN_MS = 60 * 60_000;
const CONFIRMED_FOR_MS = 24 * 60 * 60_000;

export function createSlackTime({ clock, logger }: { clock: Clock; logger: Logger }): SlackTime {
  /** Slack's time less ours lies between the two. Each answer can only narrow it, unless a clock was set meanwhile. */
  let atLeast = Number.NEGATIVE_INFINITY;
  let atMost = Number.POSITIVE_INFINITY;
  let isOff = false;
  /** What Slack's clock said last, ms. */
  let heard: number | undefined;

  return {
    learn(date, askedAt) {
      const second = Date.parse(String(date));
      if (Number.isNaN(second)) return;
      heard = second;
      // Written between the asking and now, and rounded down.
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
    aheadMs: () => Math.max(0, -atMost),
    isConfirmed() {
      if (heard === undefined || atLeast > CONFIRMED_WITHIN_MS || atMost < -CONFIRMED_WITHIN_MS) return false;
      // By the time that was heard: our own clock may have been set since.
      const sinceMs = clock.now() - heard;
      return sinceMs >= -CONFIRMED_WITHIN_MS && sinceMs <= CONFIRMED_FOR_MS;
    },
  };
}

/** Where nobody needs to know: a command that uses up no trigger. */
export const noSlackTime: SlackTime = { learn: () => {}, aheadMs: () => 0, isConfirmed: () => false };
