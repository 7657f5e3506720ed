import type { Buffering } from '../database/batch-writer';
import type { BufferedRecord, createPrometheusMetrics } from './prometheus';

export type { CountedEntry } from './prometheus';
export type Metrics = ReturnType<typeof createPrometheusMetrics>;

/** For what is not scraped, such as the command line. */
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

/** Counts what a batch writer keeps in memory while the database is away, and what it gives up. */
export function toBuffering(
  what: BufferedRecord,
  { stopping, metrics }: { stopping: AbortSignal; metrics: Metrics },
): Buffering {
  return {
    stopping,
    onBuffered: (count) => metrics.kept(what, count),
    onLost: (count) => metrics.lost(what, count),
  };
}
