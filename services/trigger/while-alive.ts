import type { Clock } from '../clock';
import { inTime } from '../in-time';
import { type Trigger, timeLeftMs } from './trigger';

/** What the work comes to; undefined where the trigger dies first. */
export function whileAlive<T>(trigger: Trigger, clock: Clock, work: Promise<T>): Promise<T | undefined> {
  return inTime(work, timeLeftMs(trigger, clock.now()), clock);
}
