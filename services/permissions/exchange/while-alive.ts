import type { Clock } from '../../runtime/clock';
import { inTime } from '../../runtime/with-timeout';
import { type Trigger, timeLeftMs } from '../../slack/trigger';

/** What the work comes to; undefined where the trigger dies first. */
export function whileAlive<T>(trigger: Trigger, clock: Clock, work: Promise<T>): Promise<T | undefined> {
  return inTime(work, timeLeftMs(trigger, clock.now()), clock);
}
