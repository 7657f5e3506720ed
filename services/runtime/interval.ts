import type { Clock, Timer } from './clock';

/** Calls `run` at every interval, the first time after one. */
export function repeatEvery(intervalMs: number, clock: Clock, run: () => void): Timer {
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
