import type { Clock } from './clock';

/** What the work comes to; undefined where it takes longer. The work then goes on, for whoever asks next. */
export async function inTime<T>(work: Promise<T>, timeoutMs: number, clock: Clock): Promise<T | undefined> {
  let end = () => {};
  const over = new Promise<undefined>((resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), timeoutMs);
    end = () => timer.cancel();
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    end();
  }
}
