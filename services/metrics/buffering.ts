import type { Buffering } from '../database/batch-writer';
import type { KeptRecord, Metrics } from './metrics';

/** Counts what a batch writer keeps while the database is away, and what it gives up. */
export function toBuffering(
  what: KeptRecord,
  { stopping, metrics }: { stopping: AbortSignal; metrics: Metrics },
): Buffering {
  return {
    stopping,
    onBuffered: (count) => metrics.kept(what, count),
    onLost: (count) => metrics.lost(what, count),
  };
}
