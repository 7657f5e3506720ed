import { existsSync, realpathSync } from 'node:fs';
import { type DatabaseConfig, toDatabaseName } from '../../config/database-url';
import type { Clock } from '../../runtime/clock';
import { CopyError, ScopekeeperError } from '../../runtime/errors';
import { type Database, openDatabase } from '../database';

/** The source or the target of a copy. */
export interface NamedDatabase {
  /** Without secrets. */
  name: string;
  database: Database;
}

/** A database, and the option or variable that names it, for errors. */
export interface DatabaseOption {
  option: string;
  config: DatabaseConfig;
}

/** Opens both and migrates them. The source must exist; a missing target is created where possible. */
export async function openSourceAndTarget({
  from,
  to,
  clock,
}: {
  from: DatabaseOption;
  to: DatabaseOption;
  clock: Clock;
}): Promise<{ source: NamedDatabase; target: NamedDatabase }> {
  if (toName(from.config) === toName(to.config)) {
    throw new CopyError(
      `${from.option} and ${to.option} name the same database, ${toName(to.config)}: name the new one with ${to.option}.`,
    );
  }
  const source = await openNamed(from, clock, true);
  try {
    return { source, target: await openNamed(to, clock, false) };
  } catch (error) {
    await source.database.close();
    throw error;
  }
}

async function openNamed(
  { option, config }: DatabaseOption,
  clock: Clock,
  mustExist: boolean,
): Promise<NamedDatabase> {
  try {
    const database = await openDatabase({ config, clock, mustExist, mayBeUnfinished: true });
    return { name: toName(config), database };
  } catch (error) {
    if (!(error instanceof ScopekeeperError)) throw error;
    // The error must name the option that was typed, not the variable.
    throw new CopyError(error.message.replaceAll('DATABASE_URL', option), { cause: error });
  }
}

/** The same for every path to the same file. */
function toName(config: DatabaseConfig): string {
  if (config.kind === 'sqlite' && existsSync(config.path)) return realpathSync(config.path);
  return toDatabaseName(config);
}

/** Describes a target that a copy can begin in. */
export function toEmptyTarget({ database }: NamedDatabase): string {
  return database.kind === 'sqlite' ? 'a file that does not exist yet' : 'a database that was just created';
}
