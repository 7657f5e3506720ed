import { CopyError } from '../../runtime/errors';
import { type NamedDatabase, toEmptyTarget } from './source-and-target';
import { findProgress, hasProgress, insertProgress, readRows, type StoredProgress } from './store';
import type { CopiedTable } from './tables';

/** Finds the copy of this source that was left in the target, or begins one. Throws where the target is not to be written to. */
export async function beginOrResume(
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
export function toFirstPosition(table: CopiedTable | undefined): StoredProgress['place'] {
  return { table: table?.name ?? null, after: null };
}

export function toConcurrentCopyError(target: NamedDatabase): CopyError {
  return new CopyError(
    `Another copy is writing to ${target.name}: this one stopped. Wait for the other, or stop it and start this again.`,
  );
}
