import { round } from '../numbers';
import { printTable, say } from '../table';
import { type ContenderName, type Contenders, TITLES } from './contenders';
import { alone, type OpenLoop } from './load';
import type { Stage } from './run';

const WHOLE = {
  warmUp: { size: 50, count: 60, warmUp: 0 },
  rates: [100, 200, 400, 800, 1_200, 1_600, 2_000, 2_500],
  seconds: 3,
  sockets: 400,
};
const FEW = { warmUp: { size: 1, count: 1, warmUp: 0 }, rates: [10], seconds: 0.3, sockets: 3 };
/** Of the requests, that must be served; and how long they may wait. Beyond, it falls behind. */
const LEAST_SERVED = 0.99;
const MOST_MEDIAN_MS = 300;

/** What a contender came to at a rate. */
interface RatePoint {
  app: ContenderName;
  rate: number;
  median_ms: number;
  p99_ms: number;
  served_share: number;
  kept_up: boolean;
  driver_lag_p99_ms: number;
}

function keepsUp({ served, offered, medianMs }: OpenLoop): boolean {
  return served >= LEAST_SERVED * offered && medianMs !== null && medianMs <= MOST_MEDIAN_MS;
}

/** Latency over load, up to the rate at which a contender falls behind. */
export async function measureRates(
  { load, byDelay: [stage] }: Stage,
  { tiny }: { tiny: boolean },
): Promise<void> {
  const { warmUp, rates, seconds, sockets } = tiny ? FEW : WHOLE;
  const contenders: Contenders = stage?.contenders ?? new Map();
  const all = [...contenders.values()];
  for (const contender of all) await alone(contender, all, () => load.burst(contender, warmUp));
  const points: RatePoint[] = [];
  const behind = new Set<ContenderName>();
  for (const rate of rates) {
    for (const [name, contender] of contenders) {
      if (behind.has(name)) continue;
      const run = () => alone(contender, all, () => load.open(contender, { rate, seconds, sockets }));
      const once = await run();
      // Once more: it may have been the machine.
      const result = keepsUp(once) ? once : await run();
      if (!keepsUp(result)) behind.add(name);
      points.push({
        app: name,
        rate,
        median_ms: round(result.medianMs ?? Number.NaN),
        p99_ms: round(result.p99Ms ?? Number.NaN),
        served_share: round(result.served / result.offered, 3),
        kept_up: keepsUp(result),
        driver_lag_p99_ms: round(result.driver.lagP99Ms, 1),
      });
    }
    say(`${rate} a second done`);
  }
  printTable(
    'Latency over load: from the request to its exchange',
    ['app', 'requests/s', 'median ms', 'p99 ms', 'served', '', 'driver lag, p99 ms'],
    [...points]
      .sort((a, b) => a.app.localeCompare(b.app) || a.rate - b.rate)
      .map((point) => [
        TITLES[point.app],
        point.rate,
        point.median_ms,
        point.p99_ms,
        point.served_share,
        point.kept_up ? '' : 'falls behind',
        point.driver_lag_p99_ms,
      ]),
  );
}
