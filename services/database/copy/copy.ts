import { setImmediate } from 'node:timers/promises';
import { CopyError, ScopekeeperError, toMessage } from '../../runtime/errors';
import { beginOrGoOn, toRival } from './begin';
import { hashLog } from './checksum';
import { type CopyProgress, createTracker } from './progress';
import { copyRows } from './rows';
import type { Side } from './sides';
import {
  alignNumbers,
  type Counts,
  countAllRows,
  dropProgress,
  type Measure,
  type Progress,
  saveBegan,
} from './store';
import { LOG_TABLE, listTables, toLogTable } from './tables';
import { checkUnchanged, verify } from './verify';
import type { Work } from './work';

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
  source: Side;
  target: Side;
  signal: AbortSignal;
  onProgress: (progress: CopyProgress) => void;
}): Promise<Measure> {
  try {
    const tables = await listTables(source.database, target.database);
    const left = await beginOrGoOn(source, target, tables);
    const rows = await countAllRows(source.database.query, tables);
    const copied = await countAllRows(target.database.query, tables);
    const tracker = createTracker({ total: toTotal(left, rows, copied), onProgress });
    const work: Work = {
      source,
      target,
      tables,
      tracker,
      async onRows(count) {
        tracker.advance(count);
        // SQLite answers within a turn of the event loop: without a pause no signal would ever be heard.
        await setImmediate();
        if (signal.aborted) throw new CopyError('Interrupted. The same command goes on from its place.');
      },
    };
    const began = left.began ?? (await measure(work, rows));
    checkUnchanged(work, began, rows);
    await copyRows(work, { place: left.place, rows, copied });
    await verify(work, began);
    await alignNumbers(target.database, tables);
    await dropProgress(target.database.query);
    return began;
  } catch (error) {
    if (error instanceof ScopekeeperError) throw error;
    throw new CopyError(
      `The copy stopped: ${toMessage(error)}. What is copied is kept: once that is mended, the same command goes on from its place.`,
      { cause: error },
    );
  }
}

async function measure({ source, target, tables, tracker, onRows }: Work, rows: Counts): Promise<Measure> {
  tracker.begin('reading', LOG_TABLE, { rows: 0, of: rows[LOG_TABLE] ?? 0 });
  const logSha256 = await hashLog(source.database.query, toLogTable(tables), onRows);
  const began = { rows, logSha256 };
  if (!(await saveBegan(target.database.query, began))) throw toRival(target);
  return began;
}

/** The rows that are still to be read: the log also before the copy and after it. */
function toTotal(left: Progress, rows: Counts, copied: Counts): number {
  const sum = (counts: Counts) => Object.values(counts).reduce((total, count) => total + count, 0);
  const logReads = left.began === null ? 2 : 1;
  return sum(rows) - sum(copied) + logReads * (rows[LOG_TABLE] ?? 0);
}
