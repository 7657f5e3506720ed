/** What of an entry is counted: nothing that says who. */
export interface CountedEntry {
  event: string;
  triggerSource: string | null;
}

/** What is kept in memory while the database is away: what came of exchanges, and the states of links that were shown. */
export type KeptRecord = 'exchanges' | 'consent_links';

/** PORT: what the parts tell of their work. Nothing here waits, or throws. ADAPTERS: Prometheus, and nobody. */
export interface Metrics {
  /** A trigger leaves for Slack: how long after it arrived, and how long until it is given up. */
  exchanging(ms: { sinceArrivalMs: number; leftMs: number }): void;
  /** What came of a trigger, a bounded set of words; and where it ran out, if it did. */
  exchanged(outcome: string, ranOut: 'here' | 'on_the_way' | 'at_slack' | undefined): void;
  /** Slack answered 429. */
  limited(method: string): void;
  /** Entries that were committed to the grant log. */
  logged(entries: readonly CountedEntry[]): void;
  /** An event of Slack's or a consent is to be recorded. */
  received(type: string): void;
  /** So many were recorded before. */
  repeated(count: number): void;
  /** Slack sent something again, for the reason that it names. */
  redelivered(reason: string): void;
  /** How a sweep ended, how much it mended, and of how many users it learnt nothing. */
  swept(result: string, counts: { changes: number; skipped: number }): void;
  /** So many of these are in memory because the database cannot be written. */
  unsaved(what: 'token', count: number): void;
  databaseFailed(): void;
  /** So many records are kept in memory because the database is away. */
  kept(what: KeptRecord, count: number): void;
  /** So many of them were given up. */
  lost(what: KeptRecord, count: number): void;
}

/** For programs that nobody watches, such as the command line. */
export const noMetrics: Metrics = {
  exchanging() {},
  exchanged() {},
  limited() {},
  logged() {},
  received() {},
  repeated() {},
  redelivered() {},
  swept() {},
  unsaved() {},
  databaseFailed() {},
  kept() {},
  lost() {},
};
