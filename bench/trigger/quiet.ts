import { setTimeout as sleep } from 'node:timers/promises';
import { median, round } from '../numbers';
import { printTable, say } from '../table';
import { type ContenderName, TITLES } from './contenders';
import type { Stage } from './run';

const QUIET_MS = 30_000;
const JIT_WARM_UP = { size: 20, count: 40, warmUp: 0 };
/** Before the quiet: they leave connections to Slack behind. */
const BUSY = { size: 1, count: 5, warmUp: 0 };
const PAUSE_MS = 30;

export const QUIET_DELAYS_MS = [0, 40];

interface Measured {
  delayMs: number;
  name: ContenderName;
  /** One a round. */
  busyMs: number[];
  quietMs: number[];
}

/** The first request after a quiet of half a minute, beside those just before it: whether a connection to Slack was kept. */
export async function measureQuiet(
  { load, byDelay }: Stage,
  { rounds, tiny }: { rounds: number; tiny: boolean },
): Promise<void> {
  const quietMs = tiny ? 0 : QUIET_MS;
  const each = byDelay.flatMap(({ delayMs, contenders }) =>
    [...contenders].map(([name, contender]) => ({
      contender,
      pauseMs: 2 * delayMs + PAUSE_MS,
      measured: { delayMs, name, busyMs: [], quietMs: [] } as Measured,
    })),
  );
  for (const { contender } of tiny ? [] : each) await load.burst(contender, JIT_WARM_UP);
  for (let number = 0; number < rounds; number += 1) {
    const order = number % 2 === 0 ? each : [...each].reverse();
    for (const { contender, pauseMs, measured } of order) {
      const { latenciesMs } = await load.burst(contender, { ...BUSY, pauseMs });
      measured.busyMs.push(median(latenciesMs.slice(1)));
    }
    await sleep(quietMs);
    for (const { contender, measured } of order) {
      const { latenciesMs } = await load.burst(contender, { size: 1, count: 1, warmUp: 0 });
      measured.quietMs.push(latenciesMs[0] ?? Number.NaN);
    }
    say(`round ${number + 1} of ${rounds} done`);
  }
  const rows = each.map(({ measured: { delayMs, name, busyMs, quietMs } }) => ({
    app: name,
    delay_ms: delayMs,
    before_ms: round(median(busyMs), 2),
    after_ms: round(median(quietMs), 2),
    after_least_ms: round(Math.min(...quietMs), 2),
    after_most_ms: round(Math.max(...quietMs), 2),
    rounds: quietMs.length,
  }));
  printTable(
    `The first request after ${quietMs / 1_000} s of quiet, and those before the quiet: to the exchange, medians`,
    ['app', 'delay ms', 'before, ms', 'after, ms', 'least', 'most', 'rounds'],
    rows.map((row) => [
      TITLES[row.app],
      row.delay_ms,
      row.before_ms,
      row.after_ms,
      row.after_least_ms,
      row.after_most_ms,
      row.rounds,
    ]),
  );
}
