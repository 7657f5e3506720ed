import { round } from '../numbers';
import { say } from '../table';
import { type ContenderName, type Contenders, contenderNames } from './contenders';
import { type Measured, printLatency, printMemory } from './latency-tables';
import { alone } from './load';
import type { Stage } from './run';

/** So many requests at once, so many such bursts a round. */
const SERIES = [
  { name: '1 at once, pauses of 5 ms', size: 1, count: 100, warmUp: 5, pauseMs: 5 },
  { name: '1 at once', size: 1, count: 400, warmUp: 20, pauseMs: 0 },
  { name: '10 at once', size: 10, count: 60, warmUp: 3, pauseMs: 0 },
  { name: '50 at once', size: 50, count: 16, warmUp: 2, pauseMs: 0 },
  { name: '200 at once', size: 200, count: 5, warmUp: 1, pauseMs: 0 },
];
/** Before the first round: until then V8 has not compiled what matters. */
const WARM_UP = [
  { size: 1, count: 4_000, warmUp: 0 },
  { size: 50, count: 40, warmUp: 0 },
  { size: 200, count: 10, warmUp: 0 },
];

/** From a signed request to its exchange, nothing between the app and Slack; and what a request costs. */
export async function measureLatency(
  { load, byDelay: [stage] }: Stage,
  { rounds, tiny }: { rounds: number; tiny: boolean },
): Promise<void> {
  const plan = tiny ? SERIES.map((series) => ({ ...series, count: 1, warmUp: 0 })) : SERIES;
  const contenders: Contenders = stage?.contenders ?? new Map();
  const all = [...contenders.values()];
  for (const contender of all) {
    await alone(contender, all, async () => {
      for (const series of tiny ? [] : WARM_UP) await load.burst(contender, series);
    });
  }
  const before = new Map([...contenders].map(([name, one]) => [name, one.readMemory()]));
  const measured = plan.flatMap((series) =>
    contenderNames.map((app): Measured => ({ app, series: series.name, rounds: [] })),
  );
  for (let number = 0; number < rounds; number += 1) {
    // Every other round goes the other way round: who comes after whom must not matter.
    const order = number % 2 === 0 ? [...contenders] : [...contenders].reverse();
    // Contenders take turns at each series, not at each round: what else the machine does changes by the second.
    for (const series of plan) {
      for (const [app, contender] of order) {
        const result = await alone(contender, all, () => load.burst(contender, series));
        measured.find((one) => one.app === app && one.series === series.name)?.rounds.push(result);
      }
    }
    say(`round ${number + 1} of ${rounds} done`);
  }
  const requests = rounds * plan.reduce((sum, { size, count, warmUp }) => sum + size * (count + warmUp), 0);
  const memory = [...contenders].map(([app, contender]) =>
    toMemory(app, { before: before.get(app), after: contender.readMemory(), requests }),
  );
  printMemory(memory);
  printLatency(measured);
}

type Read = { nowMb: number; peakMb: number } | undefined;

function toMemory(
  app: ContenderName,
  { before, after, requests }: { before: Read; after: Read; requests: number },
) {
  const [first, last] = [before?.nowMb ?? Number.NaN, after?.nowMb ?? Number.NaN];
  return {
    app,
    resident_before_mb: round(first, 1),
    resident_after_mb: round(last, 1),
    peak_mb: round(after?.peakMb ?? Number.NaN, 1),
    growth_bytes_a_request: Math.round(((last - first) * 2 ** 20) / requests),
  };
}
