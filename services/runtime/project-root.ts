import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder that holds package.json, from the sources as well as from dist/. Paths in the configuration are read from
 * here, so that the app and the command line mean the same files whatever the working directory is.
 */
export function findProjectRoot(from: string = __dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  return parent === from ? process.cwd() : findProjectRoot(parent);
}
