import type { createPrometheusMetrics } from './prometheus';

export type { BufferedRecord as KeptRecord, CountedEntry } from './prometheus';
export type Metrics = ReturnType<typeof createPrometheusMetrics>;

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
