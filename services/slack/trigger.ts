import type { Clock } from '../runtime/clock';
import { withTimeout } from '../runtime/with-timeout';
import type { Member } from './workspace';

/** A `trigger_id` is good for this long after the user's action, by Slack's clock. */
export const TRIGGER_TTL_MS = 3_000;

/**
 * What is kept back of those three seconds: Slack must also have our acknowledgement before they are over, or it tells
 * the user that the app did not respond.
 */
export const ACK_RESERVE_MS = 150;

/** Where a trigger came from, in the words of the grant log. */
export const triggerSources = [
  'slash_command',
  'block_action',
  'dialog_submission',
  'view_submission',
  'shortcut',
] as const;
export type TriggerSource = (typeof triggerSources)[number];

/** One user gesture. `userId` is who made it: the only user that is ever asked. */
export interface Trigger extends Member {
  /** Slack leaves it out of some dialog submissions. */
  id: string | undefined;
  source: TriggerSource;
  /** ms; by Slack's signed `X-Slack-Request-Timestamp`, or our own clock where that is earlier. */
  sentAt: number;
  /** ms, by our own clock. */
  arrivedAt?: number;
  /** The modal that was submitted: what comes next is shown in its place, by the answer to the submission. */
  viewId?: string | undefined;
}

/**
 * How long a call that uses this trigger may take, in ms; 0 or less: it is too late to try.
 *
 * Slack's stamp has whole seconds, rounded down, so that up to a second more may be left than this says, never less.
 */
export function toTimeLeftMs(trigger: Trigger, now: number): number {
  return trigger.sentAt + TRIGGER_TTL_MS - ACK_RESERVE_MS - now;
}

/** What the work comes to; undefined where the trigger dies first. */
export function beforeTriggerExpires<T>(
  trigger: Trigger,
  clock: Clock,
  work: Promise<T>,
): Promise<T | undefined> {
  return withTimeout(work, toTimeLeftMs(trigger, clock.now()), clock);
}
