import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Of a trigger's three seconds; most exchanges need the first tenths of one. */
const TRIGGER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];

/** The reasons that get a label of their own: what comes from outside must not make labels without bound. */
const RETRY_REASONS =
  /^(http_timeout|http_error|connection_failed|ssl_error|too_many_redirects|unknown_error|timeout)$/;

/** The part of an entry that is counted: nothing identifies a user. */
export interface CountedEntry {
  event: string;
  triggerSource: string | null;
}

/** What is kept in memory while the database is away: results of exchanges, and states of consent links. */
export type BufferedRecord = 'exchanges' | 'consent_links';

/** Counts in this process, for Prometheus. No method waits or throws. */
export function createPrometheusMetrics(registry: Registry) {
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
  const exchanges = counter('exchanges_total', 'Triggers, by outcome.', ['outcome']);
  const expired = counter('triggers_expired_total', 'Triggers that expired, by where they were then.', [
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
  const redelivered = counter('retries_total', 'Events that Slack sent again, by the reason that it gives.', [
    'reason',
  ]);
  const sweeps = counter('syncs_total', 'Sweeps of a team, by how they ended.', ['result']);
  const mended = counter('sync_changes_total', 'Grants that the sync added or ended.', []);
  const sweepSkips = counter('sync_skipped_total', 'Users that a sweep could not read.', []);
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
    /** An exchange leaves for Slack: how long after the trigger arrived, and how long before it is given up. */
    exchanging(ms: { sinceArrivalMs: number; leftMs: number }): void {
      sinceArrival.observe(Math.max(0, ms.sinceArrivalMs) / 1_000);
      left.observe(Math.max(0, ms.leftMs) / 1_000);
    },
    /** The outcome of a trigger, of a bounded set of words; and where it expired, if it did. */
    exchanged(outcome: string, ranOut: 'here' | 'on_the_way' | 'at_slack' | undefined): void {
      exchanges.inc({ outcome });
      if (ranOut !== undefined) expired.inc({ where: ranOut });
    },
    /** Slack limited the rate of a method. */
    limited: (method: string): void => limited.inc({ method }),
    /** Entries that were committed to the grant log. */
    logged(entries: readonly CountedEntry[]): void {
      for (const { event, triggerSource } of entries) {
        logged.inc({ event, trigger_source: triggerSource ?? 'none' });
      }
    },
    /** An event or a consent arrived, to be recorded. */
    received: (type: string): void => received.inc({ type }),
    /** How many events had been recorded before. */
    repeated: (count: number): void => repeated.inc(count),
    /** Slack redelivered an event, for this reason. */
    redelivered: (reason: string): void =>
      redelivered.inc({ reason: RETRY_REASONS.test(reason) ? reason : 'other' }),
    /** A sweep ended: how many grants it repaired, and how many users it skipped. */
    swept(result: string, { changes, skipped }: { changes: number; skipped: number }): void {
      sweeps.inc({ result });
      mended.inc(changes);
      sweepSkips.inc(skipped);
    },
    /** How many of these are kept in memory until the database can be written. */
    unsaved: (what: 'token', count: number): void => unsaved.set({ what }, count),
    databaseFailed: (): void => databaseErrors.inc(),
    /** How many records are kept in memory while the database is away. */
    kept: (what: BufferedRecord, count: number): void => kept.set({ what }, count),
    /** How many of them were given up. */
    lost: (what: BufferedRecord, count: number): void => lost.inc({ what }, count),
  };
}
