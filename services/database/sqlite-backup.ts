import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { copyTo, openConnection } from './sqlite-connection';

/**
 * Copies the database beside itself, what stands in its WAL included, as `<file>.before-<migration>.bak`. A backup that
 * is there already stays as it is, and the next one gets a number: the older one may be all that is left of something.
 *
 * To be called while this process holds the write lock. Returns where the backup is.
 */
export async function backUpSqlite(path: string, migration: string): Promise<string> {
  // Gets its name when it is whole: a process that is killed leaves no half of a backup under it.
  const unfinished = `${path}.unfinished.bak`;
  rmSync(unfinished, { force: true });
  // Nobody may read the copy who may not read the database.
  writeFileSync(unfinished, '', { mode: statSync(path).mode });
  const source = openConnection(path, { readOnly: true });
  try {
    await copyTo(source, unfinished);
    const backup = findFreeName(`${path}.before-${migration}`);
    renameSync(unfinished, backup);
    return backup;
  } finally {
    source.close();
    rmSync(unfinished, { force: true });
  }
}

function findFreeName(start: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? `${start}.bak` : `${start}.${number}.bak`;
    if (!existsSync(name)) return name;
  }
}
