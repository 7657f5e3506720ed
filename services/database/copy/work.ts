import type { Tracker } from './progress';
import type { Side } from './sides';

/** What every step of a copy works with. */
export interface Work {
  source: Side;
  target: Side;
  tracker: Tracker;
  /** To be awaited after every batch of rows. Throws where the copy is to stop. */
  onRows(count: number): Promise<void>;
}
