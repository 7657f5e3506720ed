import type { Clock } from './clock';

/** The result of the work; undefined after `timeoutMs`, which does not stop the work. */
export async function withTimeout<T>(
  work: Promise<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<T | undefined> {
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
