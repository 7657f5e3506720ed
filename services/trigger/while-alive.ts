import type { Clock } from '../clock';
import { type Trigger, timeLeftMs } from './trigger';

/** What the work comes to; undefined where the trigger dies first. The work then goes on, for whoever asks next. */
export async function whileAlive<T>(
  trigger: Trigger,
  clock: Clock,
  work: Promise<T>,
): Promise<T | undefined> {
  let end = () => {};
  const death = new Promise<undefined>((resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), timeLeftMs(trigger, clock.now()));
    end = () => timer.cancel();
  });
  try {
    return await Promise.race([work, death]);
  } finally {
    end();
  }
}
