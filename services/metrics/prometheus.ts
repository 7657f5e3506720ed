import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Where a trigger's three seconds go, mostly in the first tenths of one. */
const TRIGGER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];

/** Of the words that come from outside, those that are told apart: a label must not grow without bound. */
const RETRY_REASONS =
  /^(http_timeout|http_error|connection_failed|ssl_error|too_many_redirects|unknown_error|timeout)$/;

/** What of an entry is counted: nothing that says who. */
export interface CountedEntry {
  event: string;
  triggerSource: string | null;
}

/** What is kept in memory while the database is away: what came of exchanges, and the states of links that were shown. */
export type BufferedRecord = 'exchanges' | 'consent_links';

/** What the parts tell of their work, counted in this process for Prometheus. Nothing here waits, or throws. */
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
    /** A trigger leaves for Slack: how long after it arrived, and how long until it is given up. */
    exchanging(ms: { sinceArrivalMs: number; leftMs: number }): void {
      sinceArrival.observe(Math.max(0, ms.sinceArrivalMs) / 1_000);
      left.observe(Math.max(0, ms.leftMs) / 1_000);
    },
    /** What came of a trigger, one of a bounded set of words; and where it ran out, if it did. */
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
    /** An event of Slack's or a consent is to be recorded. */
    received: (type: string): void => received.inc({ type }),
    /** So many were recorded before. */
    repeated: (count: number): void => repeated.inc(count),
    /** Slack sent something again, for the reason that it names. */
    redelivered: (reason: string): void =>
      redelivered.inc({ reason: RETRY_REASONS.test(reason) ? reason : 'other' }),
    /** How a sweep ended, how much it mended, and of how many users it learnt nothing. */
    swept(result: string, { changes, skipped }: { changes: number; skipped: number }): void {
      sweeps.inc({ result });
      mended.inc(changes);
      sweepSkips.inc(skipped);
    },
    /** So many of these are in memory because the database cannot be written. */
    unsaved: (what: 'token', count: number): void => unsaved.set({ what }, count),
    databaseFailed: (): void => databaseErrors.inc(),
    /** So many records are kept in memory because the database is away. */
    kept: (what: BufferedRecord, count: number): void => kept.set({ what }, count),
    /** So many of them were given up. */
    lost: (what: BufferedRecord, count: number): void => lost.inc({ what }, count),
  };
}
