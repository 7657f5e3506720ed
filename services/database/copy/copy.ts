import { setImmediate } from 'node:timers/promises';
import { CopyError, ScopekeeperError, toErrorMessage } from '../../runtime/errors';
import { beginOrResume, toConcurrentCopyError } from './begin';
import { hashLog } from './checksum';
import type { CopyContext } from './context';
import { type CopyProgress, createTracker } from './progress';
import { copyRows } from './rows';
import type { NamedDatabase } from './source-and-target';
import {
  alignNumbers,
  type CopyMeasure,
  type Counts,
  countAllRows,
  dropProgress,
  type StoredProgress,
  saveMeasure,
} from './store';
import { LOG_TABLE, listTables, toLogTable } from './tables';
import { assertSourceUnchanged, verify } from './verify';

/**
 * Copies every row of the source into a target that is empty, or goes on with the copy of this source that was left
 * there; then compares the two. Answers with what both hold.
 *
 * Each batch is one transaction with the place after it: whenever this ends, nothing is copied twice. Throws a
 * `CopyError` that says what to do where it is refused, stopped by `signal` or a fault, or where the two differ.
 */
export async function copyDatabase({
  source,
  target,
  signal,
  onProgress,
}: {
  source: NamedDatabase;
  target: NamedDatabase;
  signal: AbortSignal;
  onProgress: (progress: CopyProgress) => void;
}): Promise<CopyMeasure> {
  try {
    const tables = await listTables(source.database, target.database);
    const progress = await beginOrResume(source, target, tables);
    const rows = await countAllRows(source.database.query, tables);
    const copied = await countAllRows(target.database.query, tables);
    const tracker = createTracker({ total: toTotal(progress, rows, copied), onProgress });
    const context: CopyContext = {
      source,
      target,
      tables,
      tracker,
      async onRows(count) {
        tracker.advance(count);
        // SQLite answers within a turn of the event loop: without a pause no signal would ever be heard.
        await setImmediate();
        if (signal.aborted) throw new CopyError('Interrupted. Run the same command again to resume.');
      },
    };
    const began = progress.began ?? (await measure(context, rows));
    assertSourceUnchanged(context, began, rows);
    await copyRows(context, { place: progress.place, rows, copied });
    await verify(context, began);
    await alignNumbers(target.database, tables);
    await dropProgress(target.database.query);
    return began;
  } catch (error) {
    if (error instanceof ScopekeeperError) throw error;
    throw new CopyError(
      `The copy stopped: ${toErrorMessage(error)}. Copied rows are kept: fix the cause and run the same command again to resume.`,
      { cause: error },
    );
  }
}

async function measure(
  { source, target, tables, tracker, onRows }: CopyContext,
  rows: Counts,
): Promise<CopyMeasure> {
  tracker.begin('reading', LOG_TABLE, { rows: 0, of: rows[LOG_TABLE] ?? 0 });
  const logSha256 = await hashLog(source.database.query, toLogTable(tables), onRows);
  const began = { rows, logSha256 };
  if (!(await saveMeasure(target.database.query, began))) throw toConcurrentCopyError(target);
  return began;
}

/** The rows that are still to be read: the log also before the copy and after it. */
function toTotal(left: StoredProgress, rows: Counts, copied: Counts): number {
  const sum = (counts: Counts) => Object.values(counts).reduce((total, count) => total + count, 0);
  const logReads = left.began === null ? 2 : 1;
  return sum(rows) - sum(copied) + logReads * (rows[LOG_TABLE] ?? 0);
}
