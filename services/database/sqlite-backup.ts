import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Backup } from './dialect';
import { copyTo, openConnection } from './sqlite-connection';
import { FILE_MODE } from './sqlite-file';

/**
 * Copies the database, with its WAL, to `<file>.before-<migration>.bak`, while this process holds the write lock. Never
 * overwrites an older backup, which may be the only one of its data: the new one gets a number.
 */
export async function backUpSqlite(path: string, migration: string): Promise<Backup> {
  // Also removes what a process left that was killed before its migration was committed.
  const unfinished = `${path}.before-${migration}.unfinished.bak`;
  const discard = () => rmSync(unfinished, { force: true });
  discard();
  writeFileSync(unfinished, '', { mode: FILE_MODE });
  const source = openConnection(path, { readOnly: true });
  try {
    await copyTo(source, unfinished);
  } catch (error) {
    discard();
    throw error;
  } finally {
    source.close();
  }
  return {
    commit: () => renameSync(unfinished, findFreeName(`${path}.before-${migration}`)),
    discard,
  };
}

function findFreeName(start: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? `${start}.bak` : `${start}.${number}.bak`;
    if (!existsSync(name)) return name;
  }
}
