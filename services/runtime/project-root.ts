import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder of package.json, found from the sources and from dist/. Paths in the configuration are relative to it, so
 * that the app and the command line use the same files in any working directory.
 */
export function findProjectRoot(from: string = __dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  return parent === from ? process.cwd() : findProjectRoot(parent);
}
