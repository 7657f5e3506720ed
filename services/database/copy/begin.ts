import { CopyError } from '../../runtime/errors';
import { type Side, toEmptyTarget } from './sides';
import { findProgress, hasProgress, insertProgress, type Progress, readRows } from './store';
import type { CopiedTable } from './tables';

/** Finds the copy of this source that was left in the target, or begins one. Throws where the target is not to be written to. */
export async function beginOrGoOn(
  source: Side,
  target: Side,
  tables: readonly CopiedTable[],
): Promise<Progress> {
  if (await hasProgress(source.database.query)) {
    throw new CopyError(
      `${source.name} is itself an unfinished copy: finish that one first, by the command that began it, or name what it comes from with --from.`,
    );
  }
  return target.database.transact(async (tx) => {
    const left = await findProgress(tx);
    if (left?.source === source.name) return left;
    if (left !== undefined) {
      throw new CopyError(
        `${target.name} holds an unfinished copy of ${left.source}, not of ${source.name}: nothing was changed. Name the first with --from, or ${toEmptyTarget(target)} with --to.`,
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
    const progress = { source: source.name, began: null, place: toStart(tables[0]) };
    await insertProgress(tx, progress);
    return progress;
  });
}

/** Before the first row of a table; of none: at the end. */
export function toStart(table: CopiedTable | undefined): Progress['place'] {
  return { table: table?.name ?? null, after: null };
}

export function toRival(target: Side): CopyError {
  return new CopyError(
    `Another copy is writing to ${target.name}: this one stopped. Wait for the other, or stop it and start this again.`,
  );
}
