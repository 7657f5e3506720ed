/** Before the copy, and after it, the log is read from end to end. */
export type CopyStep = 'reading' | 'copying' | 'comparing';

/** How far the copy is. */
export interface CopyProgress {
  step: CopyStep;
  table: string;
  /** Of this table, in this step. */
  rows: number;
  of: number;
  /** Of all steps that this run has to take. */
  done: number;
  total: number;
}

/** Counts rows, and tells. */
export interface Tracker {
  begin(step: CopyStep, table: string, at: { rows: number; of: number }): void;
  advance(rows: number): void;
}

export function createTracker({
  total,
  onProgress,
}: {
  total: number;
  onProgress: (progress: CopyProgress) => void;
}): Tracker {
  let progress: CopyProgress = { step: 'reading', table: '', rows: 0, of: 0, done: 0, total };
  return {
    begin(step, table, at) {
      progress = { ...progress, ...at, step, table };
      onProgress(progress);
    },
    advance(rows) {
      progress = { ...progress, rows: progress.rows + rows, done: progress.done + rows };
      onProgress(progress);
    },
  };
}
