import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs in a temporary folder, which is removed whatever happens. Throws at once where the disk has not the room. */
export async function inFolder<T>(neededBytes: number, run: (folder: string) => Promise<T>): Promise<T> {
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < neededBytes) {
    const [free, needed] = [bavail * bsize, neededBytes].map((bytes) => (bytes / 2 ** 30).toFixed(1));
    throw new Error(`${tmpdir()} has ${free} GB free, this needs ${needed} GB: set TMPDIR to a larger disk.`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'scopekeeper-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await run(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}
