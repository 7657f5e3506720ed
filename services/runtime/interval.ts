import type { Clock, Timer } from './clock';

/** Calls `run` again and again, the first time after one interval. */
export function every(intervalMs: number, clock: Clock, run: () => void): Timer {
  let timer: Timer;
  const wait = () => {
    timer = clock.setTimeout(() => {
      wait();
      run();
    }, intervalMs);
  };
  wait();
  return { cancel: () => timer.cancel() };
}
