import { round } from '../numbers';
import { printTable, say } from '../table';
import { type ContenderName, type Contenders, TITLES } from './contenders';
import { alone, type OpenLoop } from './load';
import type { Stage } from './run';

const TIMES = 4;
const WHOLE = {
  warmUp: { size: 50, count: 40, warmUp: 0 },
  rate: { size: 50, count: 40, warmUp: 1 },
  seconds: 10,
  sockets: 2_000,
  /** One a second, from the moment at which all of the load is answered or given up. */
  afterwards: { rate: 1, seconds: 10, sockets: 4 },
};
const FEW = {
  warmUp: { size: 1, count: 1, warmUp: 0 },
  rate: { size: 2, count: 1, warmUp: 0 },
  seconds: 0.1,
  sockets: 10,
  afterwards: { rate: 2, seconds: 0.5, sockets: 1 },
};

export const overloadNames: readonly ContenderName[] = ['app', 'plain'];

/** Four times what this app can do, for ten seconds: whom it serves, whom it tells so, and whom it leaves waiting. */
export async function measureOverload(
  { load, byDelay: [stage] }: Stage,
  { tiny }: { tiny: boolean },
): Promise<void> {
  const plan = tiny ? FEW : WHOLE;
  const contenders: Contenders = stage?.contenders ?? new Map();
  const all = [...contenders.values()];
  let rate = 0;
  for (const [name, contender] of contenders) {
    const { aSecond } = await alone(contender, all, async () => {
      await load.burst(contender, plan.warmUp);
      return load.burst(contender, plan.rate);
    });
    say(`${TITLES[name]}: ${Math.round(aSecond)} requests a second, 50 at once`);
    if (name === 'app') rate = TIMES * aSecond;
  }
  const rows: Row[] = [];
  for (const [name, contender] of contenders) {
    await alone(contender, all, async () => {
      const before = contender.readMemory();
      const result = await load.open(contender, { rate, seconds: plan.seconds, sockets: plan.sockets });
      const peak = contender.readMemory();
      const afterwards = await load.open(contender, plan.afterwards);
      rows.push(
        toRow(name, result, afterwards, {
          beforeMb: before?.nowMb ?? Number.NaN,
          peakMb: peak?.peakMb ?? Number.NaN,
        }),
      );
    });
  }
  print(plan, rate, rows);
}

type Row = ReturnType<typeof toRow>;

function toRow(
  name: ContenderName,
  result: OpenLoop,
  afterwards: OpenLoop,
  { beforeMb, peakMb }: { beforeMb: number; peakMb: number },
) {
  return {
    app: name,
    offered: result.offered,
    unsent: result.unsent,
    served: result.served,
    refused_in_words: result.refused,
    told_later: result.toldLater,
    silent: result.silent,
    unanswered: result.unanswered,
    contradicted: result.contradicted,
    exchange_median_ms: round(result.medianMs ?? Number.NaN, 1),
    exchange_p99_ms: round(result.p99Ms ?? Number.NaN, 1),
    answer_median_ms: round(result.answerMedianMs ?? Number.NaN, 1),
    answer_p99_ms: round(result.answerP99Ms ?? Number.NaN, 1),
    resident_before_mb: round(beforeMb, 1),
    peak_mb: round(peakMb, 1),
    afterwards_offered: afterwards.offered,
    afterwards_served: afterwards.served,
    afterwards_median_ms: round(afterwards.medianMs ?? Number.NaN, 2),
    driver_cpu_share: round(result.driver.cpuShare),
    driver_lag_p99_ms: round(result.driver.lagP99Ms, 1),
  };
}

/** A column each. */
function print({ seconds, sockets, afterwards }: typeof WHOLE, rate: number, rows: readonly Row[]): void {
  const lines: [string, (row: Row) => string | number][] = [
    ['requests', (row) => row.offered],
    ['not sent: no connection was free', (row) => row.unsent],
    ['answered and exchanged within 3 s', (row) => row.served],
    ['told in the answer that it cannot be now', (row) => row.refused_in_words],
    ['answered, exchanged too late or not, told by a message', (row) => row.told_later],
    ['answered, exchanged too late or not, told nothing', (row) => row.silent],
    ['not answered within 3 s', (row) => row.unanswered],
    ['told no, and exchanged all the same', (row) => row.contradicted],
    ['to the exchange, median ms', (row) => row.exchange_median_ms],
    ['to the exchange, p99 ms', (row) => row.exchange_p99_ms],
    ['to the answer, median ms', (row) => row.answer_median_ms],
    ['to the answer, p99 ms', (row) => row.answer_p99_ms],
    ['resident before, MB', (row) => row.resident_before_mb],
    ['resident at most, MB', (row) => row.peak_mb],
    [
      `served of ${afterwards.rate * afterwards.seconds} afterwards, one a second`,
      (row) => row.afterwards_served,
    ],
    ['of those, to the exchange, median ms', (row) => row.afterwards_median_ms],
    ['driver: share of a core', (row) => row.driver_cpu_share],
    ['driver: lag, p99 ms', (row) => row.driver_lag_p99_ms],
  ];
  printTable(
    `${Math.round(rate)} requests a second for ${seconds} s, up to ${sockets} connections`,
    ['', ...rows.map((row) => TITLES[row.app])],
    lines.map(([what, read]) => [what, ...rows.map(read)]),
  );
}
