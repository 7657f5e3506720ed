import type { Tracker } from './progress';
import type { NamedDatabase } from './source-and-target';
import type { CopiedTable } from './tables';

/** What every step of a copy works with. */
export interface CopyContext {
  source: NamedDatabase;
  target: NamedDatabase;
  tables: readonly CopiedTable[];
  tracker: Tracker;
  /** To be awaited after every batch of rows. Throws where the copy is to stop. */
  onRows(count: number): Promise<void>;
}
