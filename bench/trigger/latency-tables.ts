import { median, round } from '../numbers';
import { type Cell, printTable } from '../table';
import { type ContenderName, TITLES } from './contenders';
import { judge, printGoals } from './goals';
import type { Series } from './load';
import { percentile } from './percentile';

/** What a contender came to in one series. */
export interface Measured {
  app: ContenderName;
  series: string;
  /** One a round. */
  rounds: Series[];
}

type Row = ReturnType<typeof toRow>;

/** Of a row: latencies of all rounds together, the rest the median of the rounds. */
function toRow({ app, series, rounds }: Measured) {
  const pooled = rounds.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const middle = (read: (one: Series) => number) => median(rounds.map(read));
  const lagMs = middle((one) => one.driver.lagP99Ms);
  return {
    app,
    series,
    median_ms: round(median(pooled), 3),
    p99_ms: round(percentile(pooled, 0.99), 3),
    p999_ms: round(percentile(pooled, 0.999), 3),
    requests_a_second: Math.round(middle((one) => one.aSecond)),
    cpu_us_a_request: Math.round(middle((one) => one.cpuUs)),
    samples: pooled.length,
    refused: rounds.reduce((sum, one) => sum + one.refused, 0),
    driver_cpu_share: round(middle((one) => one.driver.cpuShare)),
    driver_busy_share: round(middle((one) => one.driver.busyShare)),
    driver_lag_p99_ms: round(lagMs, 1),
  };
}

const COLUMNS: readonly [string, (row: Row) => Cell][] = [
  ['app', (row) => TITLES[row.app]],
  ['median ms', (row) => row.median_ms],
  ['p99 ms', (row) => row.p99_ms],
  ['p99.9 ms', (row) => row.p999_ms],
  ['requests/s', (row) => row.requests_a_second],
  ['processor µs', (row) => row.cpu_us_a_request],
  ['samples', (row) => row.samples],
  ['refused', (row) => row.refused],
  ['driver: processor', (row) => row.driver_cpu_share],
  ['busy', (row) => row.driver_busy_share],
  ['lag p99 ms', (row) => row.driver_lag_p99_ms],
];

const MIDDLE = (one: Series) => median(one.latenciesMs);
const LATE = (one: Series) =>
  percentile(
    one.latenciesMs.toSorted((a, b) => a - b),
    0.99,
  );
const CPU = (one: Series) => one.cpuUs;
const RATE = (one: Series) => one.aSecond;

type Goals = Readonly<Record<string, { most?: number; least?: number }>>;

/** By the name of the series; what has none is only told. */
const GOALS: Readonly<Record<'median' | 'floor' | 'p99' | 'cpu' | 'rate', Goals>> = {
  median: { '1 at once': { most: 0.45 }, '50 at once': { most: 0.38 } },
  floor: { '1 at once': { most: 1.6 }, '50 at once': { most: 1.4 } },
  p99: { '1 at once': { most: 0.7 }, '50 at once': { most: 0.6 } },
  cpu: { '50 at once': { most: 0.7 } },
  rate: { '50 at once': { least: 1.4 } },
};

export function printLatency(measured: readonly Measured[]): void {
  const rows = measured.map(toRow);
  const names = [...new Set(measured.map(({ series }) => series))];
  for (const series of names) {
    printTable(
      `${series}: from the signed request to its exchange`,
      COLUMNS.map(([title]) => title),
      rows.filter((row) => row.series === series).map((row) => COLUMNS.map(([, read]) => read(row))),
    );
  }

  function compare(series: string, app: ContenderName, to: ContenderName, read: (one: Series) => number) {
    const find = (name: ContenderName) =>
      measured.find((one) => one.app === name && one.series === series)?.rounds.map(read) ?? [];
    const others = find(to);
    return find(app).map((value, number) => value / (others[number] ?? Number.NaN));
  }

  const goals = names.flatMap((name) => [
    judge(`median to plain Bolt, ${name}`, compare(name, 'app', 'plain', MIDDLE), GOALS.median[name]),
    judge(`median to the floor, ${name}`, compare(name, 'app', 'floor', MIDDLE), GOALS.floor[name]),
    judge(`p99 to plain Bolt, ${name}`, compare(name, 'app', 'plain', LATE), GOALS.p99[name]),
    judge(`processor time to plain Bolt, ${name}`, compare(name, 'app', 'plain', CPU), GOALS.cpu[name]),
    judge(`requests a second to plain Bolt, ${name}`, compare(name, 'app', 'plain', RATE), GOALS.rate[name]),
  ]);
  printGoals('Scopekeeper, ratios of the rounds', goals);
  const installed = names.flatMap((name) => [
    judge(`median, ${name}`, compare(name, 'app_installed', 'plain_installed', MIDDLE)),
    judge(`p99, ${name}`, compare(name, 'app_installed', 'plain_installed', LATE)),
    judge(`processor time, ${name}`, compare(name, 'app_installed', 'plain_installed', CPU)),
    judge(`requests a second, ${name}`, compare(name, 'app_installed', 'plain_installed', RATE)),
  ]);
  printGoals('Installed by OAuth, to plain Bolt installed by OAuth', installed);
}

export function printMemory(
  rows: readonly {
    app: ContenderName;
    resident_before_mb: number;
    resident_after_mb: number;
    peak_mb: number;
    growth_bytes_a_request: number;
  }[],
): void {
  printTable(
    'Memory, before the first round and after the last',
    ['app', 'MB before', 'MB after', 'peak MB', 'growth, bytes a request'],
    rows.map((row) => [
      TITLES[row.app],
      row.resident_before_mb,
      row.resident_after_mb,
      row.peak_mb,
      row.growth_bytes_a_request,
    ]),
  );
}
