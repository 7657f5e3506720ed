import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The log and the tokens are for nobody but the user that runs the app. SQLite gives its other files the same mode. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes the file and its folder where they are not there, and takes from others the right to read what is there. */
export function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  if (!existsSync(path)) writeFileSync(path, '', { mode: FILE_MODE, flag: 'a' });
  for (const file of [path, `${path}-wal`, `${path}-shm`]) restrictToOwner(file);
}

function restrictToOwner(file: string): void {
  try {
    if (existsSync(file)) chmodSync(file, FILE_MODE);
  } catch {
    // It is another user's, who decides on it.
  }
}
