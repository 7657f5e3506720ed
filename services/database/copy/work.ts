import type { Tracker } from './progress';
import type { Side } from './sides';
import type { CopiedTable } from './tables';

/** What every step of a copy works with. */
export interface Work {
  source: Side;
  target: Side;
  tables: readonly CopiedTable[];
  tracker: Tracker;
  /** To be awaited after every batch of rows. Throws where the copy is to stop. */
  onRows(count: number): Promise<void>;
}
