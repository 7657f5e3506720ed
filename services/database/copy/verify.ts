import { CopyError } from '../../runtime/errors';
import { compareLogs } from './checksum';
import type { CopyContext } from './context';
import { type NamedDatabase, toEmptyTarget } from './source-and-target';
import { type CopyMeasure, type Counts, countAllRows } from './store';
import { LOG_TABLE, toLogTable } from './tables';

/**
 * Throws a `CopyError` unless the source is as it was when the copy began and the target holds the same: as many rows in
 * every table, and the same log to the letter.
 */
export async function verify(context: CopyContext, began: CopyMeasure): Promise<void> {
  const { source, target, tables, tracker, onRows } = context;
  const rows = await countAllRows(source.database.query, tables);
  assertSourceUnchanged(context, began, rows);
  const copied = await countAllRows(target.database.query, tables);
  for (const { name } of tables) {
    if (rows[name] !== copied[name]) {
      throw new CopyError(
        `The copy is not complete: ${name} holds ${rows[name]} rows in the source and ${copied[name]} in the target. ${toAdvice(target)}`,
      );
    }
  }

  tracker.begin('comparing', LOG_TABLE, { rows: 0, of: rows[LOG_TABLE] ?? 0 });
  const log = toLogTable(tables);
  const logs = await compareLogs(source.database.query, target.database.query, log, onRows);
  const where = logs.differsAt === undefined ? '' : `, first at seq ${logs.differsAt}`;
  if (logs.sourceSha256 !== began.logSha256)
    throw toSourceChangedError(target, `${LOG_TABLE} is not what it was${where}`);
  if (logs.sourceSha256 !== logs.targetSha256) {
    throw new CopyError(
      `The copy is not the same: ${LOG_TABLE} differs${where} (SHA-256 ${logs.sourceSha256} in the source, ${logs.targetSha256} in the target). ${toAdvice(target)}`,
    );
  }
}

/** Throws where the source holds other rows than when the copy began, as far as their numbers tell. */
export function assertSourceUnchanged(
  { target, tables }: Pick<CopyContext, 'target' | 'tables'>,
  began: CopyMeasure,
  rows: Counts,
): void {
  for (const { name } of tables) {
    if (rows[name] !== began.rows[name])
      throw toSourceChangedError(
        target,
        `${name} held ${began.rows[name]} rows, and now holds ${rows[name]}`,
      );
  }
}

function toSourceChangedError(target: NamedDatabase, what: string): CopyError {
  return new CopyError(`The source was written to since the copy began: ${what}. ${toAdvice(target)}`);
}

function toAdvice(target: NamedDatabase): string {
  return `Stop everything that uses either, and copy again, with --to naming ${toEmptyTarget(target)}.`;
}
