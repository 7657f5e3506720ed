import { toConcurrentCopyError, toFirstPosition } from './begin';
import type { CopyContext } from './context';
import {
  type CopyPosition,
  type Counts,
  insertRows,
  type Key,
  movePosition,
  type Row,
  readRows,
} from './store';
import type { CopiedTable } from './tables';

const BATCH_SIZE = 2_000;

/** Copies what comes after the place given, table by table. `copied` is how far the target is. */
export async function copyRows(
  context: CopyContext,
  { place: start, rows, copied }: { place: CopyPosition; rows: Counts; copied: Counts },
): Promise<void> {
  let place = start;
  for (const [index, table] of context.tables.entries()) {
    if (place.table !== table.name) continue;
    context.tracker.begin('copying', table.name, {
      rows: copied[table.name] ?? 0,
      of: rows[table.name] ?? 0,
    });
    while (place.table === table.name)
      place = await copyBatch(context, table, { place, following: context.tables[index + 1] });
  }
}

/** Copies one batch; answers with the place after it. */
async function copyBatch(
  { source, target, onRows }: CopyContext,
  table: CopiedTable,
  { place, following }: { place: CopyPosition; following: CopiedTable | undefined },
): Promise<CopyPosition> {
  const rows = await readRows(source.database.query, table, { after: place.after, limit: BATCH_SIZE });
  const last = rows.at(-1);
  const next =
    last === undefined || rows.length < BATCH_SIZE
      ? toFirstPosition(following)
      : { table: table.name, after: toKey(table, last) };
  await target.database.transact(async (tx) => {
    if (!(await movePosition(tx, place, next))) throw toConcurrentCopyError(target);
    if (rows.length > 0) await insertRows(tx, table, { rows, into: target.database.kind });
  });
  await onRows(rows.length);
  return next;
}

function toKey({ key }: CopiedTable, row: Row): Key {
  return key.map((name) => row[name] ?? '');
}
