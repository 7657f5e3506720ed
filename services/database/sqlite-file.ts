import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Only the user that runs the app may read the log and the tokens. SQLite gives its other files the same mode. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Creates the file and its folder, or restricts the existing file to its owner. */
export function prepareFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  if (!existsSync(path)) writeFileSync(path, '', { mode: FILE_MODE, flag: 'a' });
  for (const file of [path, `${path}-wal`, `${path}-shm`]) restrictToOwner(file);
}

function restrictToOwner(file: string): void {
  try {
    if (existsSync(file)) chmodSync(file, FILE_MODE);
  } catch {
    // Another user owns it.
  }
}
