import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Backup } from './dialect';
import { copyTo, openConnection } from './sqlite-connection';
import { FILE_MODE } from './sqlite-file';

/**
 * Copies the database beside itself, what stands in its WAL included. To be called while this process holds the write
 * lock. What is kept is called `<file>.before-<migration>.bak`; a backup that is there already stays as it is, and the
 * next one gets a number: the older one may be all that is left of something.
 */
export async function backUpSqlite(path: string, migration: string): Promise<Backup> {
  // Also what a process has left here that was killed before its migration was committed.
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
