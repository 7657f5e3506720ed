import { median, round } from '../numbers';
import { printTable, say } from '../table';
import { type ContenderName, mainNames, TITLES } from './contenders';
import { judge, printGoals } from './goals';
import { alone, type Series } from './load';
import { percentile } from './percentile';
import type { Stage } from './run';

/** Each way between the app and Slack: to another region, and to the other side of the world. */
export const DELAYS_MS = [40, 150];

const SIZES = [
  { size: 1, count: 8, warmUp: 3 },
  { size: 50, count: 3, warmUp: 2 },
];
/** Under the delay as well: so many at once, or it would take minutes. */
const WARM_UP = { size: 100, count: 15, warmUp: 0 };
/** On top of the way back, after which a contender is done with the burst before. */
const REST_MS = 30;

interface Measured {
  delayMs: number;
  name: ContenderName;
  size: number;
  rounds: Series[];
}

/** The same where Slack is far. */
export async function measureDelays(
  { load, byDelay }: Stage,
  { rounds, tiny }: { rounds: number; tiny: boolean },
): Promise<void> {
  const plan = tiny ? SIZES.map((series) => ({ ...series, count: 1, warmUp: 0 })) : SIZES;
  const all = byDelay.flatMap(({ contenders }) => [...contenders.values()]);
  const measured = byDelay.flatMap(({ delayMs }) =>
    mainNames.flatMap((name) => plan.map(({ size }): Measured => ({ delayMs, name, size, rounds: [] }))),
  );
  for (let number = -1; number < rounds; number += 1) {
    for (const { delayMs, contenders } of byDelay) {
      const order = number % 2 === 0 ? [...contenders] : [...contenders].reverse();
      for (const [name, contender] of order) {
        await alone(contender, all, async () => {
          if (number === -1) return tiny ? undefined : void (await load.burst(contender, WARM_UP));
          for (const series of plan) {
            const result = await load.burst(contender, { ...series, pauseMs: 2 * delayMs + REST_MS });
            measured
              .find((one) => one.delayMs === delayMs && one.name === name && one.size === series.size)
              ?.rounds.push(result);
          }
        });
      }
    }
    if (number >= 0) say(`round ${number + 1} of ${rounds} done`);
  }
  print(measured);
}

function print(measured: readonly Measured[]): void {
  const middle = (one: Series) => median(one.latenciesMs);
  const rows = measured.map(({ delayMs, name, size, rounds }) => {
    const pooled = rounds.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
    return {
      app: name,
      delay_ms: delayMs,
      at_once: size,
      median_ms: round(median(pooled), 1),
      p99_ms: round(percentile(pooled, 0.99), 1),
      samples: pooled.length,
    };
  });
  printTable(
    'With a delay each way between the app and Slack: from the signed request to its exchange',
    ['app', 'delay ms', 'at once', 'median ms', 'p99 ms', 'samples'],
    rows.map((row) => [TITLES[row.app], row.delay_ms, row.at_once, row.median_ms, row.p99_ms, row.samples]),
  );
  const find = (delayMs: number, size: number, name: ContenderName) =>
    measured.find((one) => one.delayMs === delayMs && one.size === size && one.name === name)?.rounds ?? [];
  const goals = DELAYS_MS.flatMap((delayMs) =>
    SIZES.flatMap(({ size }) =>
      (['plain', 'floor'] as const).map((other) =>
        judge(
          `median to ${TITLES[other]}, ${delayMs} ms, ${size} at once`,
          find(delayMs, size, 'app').map(
            (one, number) => middle(one) / median(find(delayMs, size, other)[number]?.latenciesMs ?? []),
          ),
        ),
      ),
    ),
  );
  printGoals('Scopekeeper, by the rounds', goals);
}
