import { toRival, toStart } from './begin';
import { type Counts, insertRows, type Key, movePlace, type Place, type Row, readRows } from './store';
import type { CopiedTable } from './tables';
import type { Work } from './work';

const BATCH = 2_000;

/** Copies what comes after the place given, table by table. `copied` is how far the target is. */
export async function copyRows(
  work: Work,
  { place: start, rows, copied }: { place: Place; rows: Counts; copied: Counts },
): Promise<void> {
  let place = start;
  for (const [index, table] of work.tables.entries()) {
    if (place.table !== table.name) continue;
    work.tracker.begin('copying', table.name, { rows: copied[table.name] ?? 0, of: rows[table.name] ?? 0 });
    while (place.table === table.name)
      place = await copyBatch(work, table, { place, following: work.tables[index + 1] });
  }
}

/** Copies one batch; answers with the place after it. */
async function copyBatch(
  { source, target, onRows }: Work,
  table: CopiedTable,
  { place, following }: { place: Place; following: CopiedTable | undefined },
): Promise<Place> {
  const rows = await readRows(source.database.query, table, { after: place.after, limit: BATCH });
  const last = rows.at(-1);
  const next =
    last === undefined || rows.length < BATCH
      ? toStart(following)
      : { table: table.name, after: toKey(table, last) };
  await target.database.transact(async (tx) => {
    if (!(await movePlace(tx, place, next))) throw toRival(target);
    if (rows.length > 0) await insertRows(tx, table, { rows, into: target.database.kind });
  });
  await onRows(rows.length);
  return next;
}

function toKey({ key }: CopiedTable, row: Row): Key {
  return key.map((name) => row[name] ?? '');
}
