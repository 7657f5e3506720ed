import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Metrics } from './metrics';

/** Where a trigger's three seconds go, mostly in the first tenths of one. */
const TRIGGER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];

/** Of the words that come from outside, those that are told apart: a label must not grow without bound. */
const RETRY_REASONS =
  /^(http_timeout|http_error|connection_failed|ssl_error|too_many_redirects|unknown_error|timeout)$/;

/** ADAPTER: counts in this process, for Prometheus. */
export function createPrometheusMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `scopekeeper_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `scopekeeper_${name}`, help, buckets: TRIGGER_BUCKETS, registers });

  const sinceArrival = histogram(
    'exchange_after_arrival_seconds',
    'From the arrival of a trigger to when its exchange leaves.',
  );
  const left = histogram(
    'exchange_time_left_seconds',
    'What is left of a trigger when its exchange leaves, until it is given up.',
  );
  const exchanges = counter('exchanges_total', 'Triggers, by what came of them.', ['outcome']);
  const expired = counter('triggers_expired_total', 'Triggers that ran out, by where they were then.', [
    'where',
  ]);
  const limited = counter('slack_rate_limited_total', 'Answers of Slack’s with 429, by method.', ['method']);
  const logged = counter(
    'log_entries_total',
    'Entries that this instance wrote into the grant log, but for those of the sync.',
    ['event', 'trigger_source'],
  );
  const received = counter('events_received_total', 'Events and consents to be recorded.', ['type']);
  const repeated = counter('events_duplicate_total', 'Events that had been recorded before.', []);
  const redelivered = counter('retries_total', 'What Slack sent again, by the reason that it names.', [
    'reason',
  ]);
  const sweeps = counter('syncs_total', 'Sweeps of a team, by how they ended.', ['result']);
  const mended = counter('sync_changes_total', 'Grants that the sync found or ended.', []);
  const sweepSkips = counter('sync_skipped_total', 'Users of whom a sweep learnt nothing.', []);
  const unsaved = new Gauge({
    name: 'scopekeeper_unsaved',
    help: 'What is kept in memory until the database can be written.',
    labelNames: ['what'],
    registers,
  });
  const databaseErrors = counter(
    'database_errors_total',
    'Statements and connections that failed, also where a second try made it good.',
    [],
  );

  const kept = new Gauge({
    name: 'scopekeeper_unwritten_records',
    help: 'Records that are kept in memory because the database is away.',
    labelNames: ['what'],
    registers,
  });
  const lost = counter('lost_records_total', 'Records that could not be written, and were given up.', [
    'what',
  ]);

  return {
    exchanging(ms) {
      sinceArrival.observe(Math.max(0, ms.sinceArrivalMs) / 1_000);
      left.observe(Math.max(0, ms.leftMs) / 1_000);
    },
    exchanged(outcome, ranOut) {
      exchanges.inc({ outcome });
      if (ranOut !== undefined) expired.inc({ where: ranOut });
    },
    limited: (method) => limited.inc({ method }),
    logged(entries) {
      for (const { event, triggerSource } of entries) {
        logged.inc({ event, trigger_source: triggerSource ?? 'none' });
      }
    },
    received: (type) => received.inc({ type }),
    repeated: (count) => repeated.inc(count),
    redelivered: (reason) => redelivered.inc({ reason: RETRY_REASONS.test(reason) ? reason : 'other' }),
    swept(result, { changes, skipped }) {
      sweeps.inc({ result });
      mended.inc(changes);
      sweepSkips.inc(skipped);
    },
    unsaved: (what, count) => unsaved.set({ what }, count),
    databaseFailed: () => databaseErrors.inc(),
    kept: (what, count) => kept.set({ what }, count),
    lost: (what, count) => lost.inc({ what }, count),
  };
}
