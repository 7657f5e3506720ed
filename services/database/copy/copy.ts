import { setImmediate } from 'node:timers/promises';
import { CopyError, ScopekeeperError, toErrorMessage } from '../../runtime/errors';
import { compareLogs, hashLog } from './checksum';
import { type NamedDatabase, toEmptyTarget } from './source-and-target';
import {
  alignNumbers,
  type CopyMeasure,
  type CopyPosition,
  type Counts,
  countAllRows,
  dropProgress,
  findProgress,
  hasProgress,
  insertProgress,
  insertRows,
  movePosition,
  readRows,
  type StoredProgress,
  saveMeasure,
} from './store';
import { type CopiedTable, LOG_TABLE, listTables, toLogTable } from './tables';

const BATCH_SIZE = 2_000;

/** The log is read from end to end before the copy, and again after it. */
export type CopyStep = 'reading' | 'copying' | 'comparing';

export interface CopyProgress {
  step: CopyStep;
  table: string;
  /** Of this table, in this step. */
  rows: number;
  of: number;
  /** Of all steps of this run. */
  done: number;
  total: number;
}

interface Copy {
  source: NamedDatabase;
  target: NamedDatabase;
  signal: AbortSignal;
  onProgress: (progress: CopyProgress) => void;
}

/**
 * Copies every row of the source into an empty target, or resumes the copy of this source that was left there; then
 * compares the two. Returns what both hold.
 *
 * Each batch is one transaction with the position after it: whenever this ends, nothing is copied twice. Throws a
 * `CopyError` that says what to do where it is refused, stopped by `signal` or a fault, or where the two differ.
 */
export async function copyDatabase(copy: Copy): Promise<CopyMeasure> {
  try {
    return await copyAndCompare(copy);
  } catch (error) {
    if (error instanceof ScopekeeperError) throw error;
    throw new CopyError(
      `The copy stopped: ${toErrorMessage(error)}. Copied rows are kept: fix the cause and run the same command again to resume.`,
      { cause: error },
    );
  }
}

async function copyAndCompare({ source, target, signal, onProgress }: Copy): Promise<CopyMeasure> {
  const [from, to] = [source.database.query, target.database.query];
  const tables = await listTables(source.database, target.database);
  const log = toLogTable(tables);
  const left = await beginOrResume(source, target, tables);
  const rows = await countAllRows(from, tables);
  const copied = await countAllRows(to, tables);
  const logRows = rows[LOG_TABLE] ?? 0;
  const total = sum(rows) - sum(copied) + (left.began === null ? 2 : 1) * logRows;
  let progress: CopyProgress = { step: 'reading', table: '', rows: 0, of: 0, done: 0, total };

  function begin(step: CopyStep, table: string, counts: { rows: number; of: number }): void {
    progress = { ...progress, ...counts, step, table };
    onProgress(progress);
  }

  async function advance(count: number): Promise<void> {
    progress = { ...progress, rows: progress.rows + count, done: progress.done + count };
    onProgress(progress);
    // SQLite answers within a turn of the event loop: without a pause no signal would be heard.
    await setImmediate();
    if (signal.aborted) throw new CopyError('Interrupted. Run the same command again to resume.');
  }

  async function measure(): Promise<CopyMeasure> {
    begin('reading', LOG_TABLE, { rows: 0, of: logRows });
    const began = { rows, logSha256: await hashLog(from, log, advance) };
    if (!(await saveMeasure(to, began))) throw toConcurrentCopyError(target);
    return began;
  }

  /** Returns the position after the batch. */
  async function copyBatch(table: CopiedTable, place: CopyPosition, following: CopiedTable | undefined) {
    const batch = await readRows(from, table, { after: place.after, limit: BATCH_SIZE });
    const last = batch.length < BATCH_SIZE ? undefined : batch.at(-1);
    const next = last
      ? { table: table.name, after: table.key.map((name) => last[name] ?? '') }
      : toFirstPosition(following);
    await target.database.transact(async (tx) => {
      if (!(await movePosition(tx, place, next))) throw toConcurrentCopyError(target);
      if (batch.length > 0) await insertRows(tx, table, { rows: batch, into: target.database.kind });
    });
    await advance(batch.length);
    return next;
  }

  const began = left.began ?? (await measure());
  assertSourceUnchanged(target, began, rows);
  let { place } = left;
  for (const [index, table] of tables.entries()) {
    if (place.table !== table.name) continue;
    begin('copying', table.name, { rows: copied[table.name] ?? 0, of: rows[table.name] ?? 0 });
    while (place.table === table.name) place = await copyBatch(table, place, tables[index + 1]);
  }

  const now = await countAllRows(from, tables);
  assertSourceUnchanged(target, began, now);
  assertSameCounts(target, now, await countAllRows(to, tables));
  begin('comparing', LOG_TABLE, { rows: 0, of: now[LOG_TABLE] ?? 0 });
  assertSameLog(target, began, await compareLogs(from, to, log, advance));
  await alignNumbers(target.database, tables);
  await dropProgress(to);
  return began;
}

/** Throws where the target must not be written to. */
async function beginOrResume(
  source: NamedDatabase,
  target: NamedDatabase,
  tables: readonly CopiedTable[],
): Promise<StoredProgress> {
  if (await hasProgress(source.database.query)) {
    throw new CopyError(
      `${source.name} is itself an unfinished copy: finish it first with the command that started it, or name its source with --from.`,
    );
  }
  return target.database.transact(async (tx) => {
    const unfinished = await findProgress(tx);
    if (unfinished?.source === source.name) return unfinished;
    if (unfinished !== undefined) {
      throw new CopyError(
        `${target.name} holds an unfinished copy of ${unfinished.source}, not of ${source.name}: nothing was changed. Name the first with --from, or ${toEmptyTarget(target)} with --to.`,
      );
    }
    for (const table of tables) {
      const rows = await readRows(tx, table, { after: null, limit: 1 });
      if (rows.length > 0) {
        throw new CopyError(
          `${target.name} is not empty (${table.name} holds rows), and no copy was left there: nothing was changed. Name ${toEmptyTarget(target)} with --to.`,
        );
      }
    }
    const progress = { source: source.name, began: null, place: toFirstPosition(tables[0]) };
    await insertProgress(tx, progress);
    return progress;
  });
}

/** Before the first row of a table; of none: at the end. */
function toFirstPosition(table: CopiedTable | undefined): CopyPosition {
  return { table: table?.name ?? null, after: null };
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function assertSourceUnchanged(target: NamedDatabase, began: CopyMeasure, rows: Counts): void {
  for (const [name, count] of Object.entries(rows)) {
    if (count !== began.rows[name])
      throw toSourceChangedError(target, `${name} held ${began.rows[name]} rows, and now holds ${count}`);
  }
}

function assertSameCounts(target: NamedDatabase, rows: Counts, copied: Counts): void {
  for (const [name, count] of Object.entries(rows)) {
    if (count !== copied[name])
      throw new CopyError(
        `The copy is not complete: ${name} holds ${count} rows in the source and ${copied[name]} in the target. ${toAdvice(target)}`,
      );
  }
}

function assertSameLog(
  target: NamedDatabase,
  began: CopyMeasure,
  { sourceSha256, targetSha256, differsAt }: Awaited<ReturnType<typeof compareLogs>>,
): void {
  const where = differsAt === undefined ? '' : `, first at seq ${differsAt}`;
  if (sourceSha256 !== began.logSha256)
    throw toSourceChangedError(target, `${LOG_TABLE} is not what it was${where}`);
  if (sourceSha256 !== targetSha256) {
    throw new CopyError(
      `The copy is not the same: ${LOG_TABLE} differs${where} (SHA-256 ${sourceSha256} in the source, ${targetSha256} in the target). ${toAdvice(target)}`,
    );
  }
}

function toConcurrentCopyError(target: NamedDatabase): CopyError {
  return new CopyError(
    `Another copy is writing to ${target.name}: this one stopped. Wait for the other, or stop it and start this again.`,
  );
}

function toSourceChangedError(target: NamedDatabase, what: string): CopyError {
  return new CopyError(`The source was written to since the copy began: ${what}. ${toAdvice(target)}`);
}

function toAdvice(target: NamedDatabase): string {
  return `Stop everything that uses either, and copy again, with --to naming ${toEmptyTarget(target)}.`;
}
