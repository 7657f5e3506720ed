import { readFileSync } from 'node:fs';
import { median, round } from '../numbers';

const SAMPLE_INTERVAL_MS = 10_000;
const MS_A_MINUTE = 60_000;

interface Sample {
  atMs: number;
  mb: number;
}

/** What a process holds of the machine's memory, every ten seconds, until it is stopped. */
export function watchMemory(pid: number): { stop(): Sample[] } {
  const began = performance.now();
  const samples: Sample[] = [];
  const look = () => {
    const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    samples.push({ atMs: performance.now() - began, mb: Number(kb) / 1_024 });
  };
  look();
  const timer = setInterval(look, SAMPLE_INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      return samples;
    },
  };
}

/** Whether it has settled: the first third is left out, in which caches fill. */
export function judgeMemory(samples: readonly Sample[]) {
  const third = Math.floor(samples.length / 3);
  const later = samples.slice(third);
  const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const toMedian = (some: readonly Sample[]) => round(median(some.map(({ mb }) => mb)), 1);
  const peak = Math.max(...samples.map(({ mb }) => mb));
  return {
    slope_mb_a_minute: round(toSlope(later) * MS_A_MINUTE),
    first_third_mb: toMedian(samples.slice(0, third)),
    second_third_mb: toMedian(second),
    last_third_mb: toMedian(last),
    peak_mb: round(peak, 1),
    samples_mb: samples.map(({ mb }) => Math.round(mb)),
  };
}

/** MB a millisecond, by least squares. */
function toSlope(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((total, value) => total + value, 0) / values.length;
  const [at, mb] = [mean(samples.map(({ atMs }) => atMs)), mean(samples.map((sample) => sample.mb))];
  const [above, below] = samples.reduce(
    ([over, under], sample) => [
      over + (sample.atMs - at) * (sample.mb - mb),
      under + (sample.atMs - at) ** 2,
    ],
    [0, 0],
  );
  return above / below;
}
