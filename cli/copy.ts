import { type Environment, loadDatabaseConfig, readEnvironment } from '../services/config/config';
import { readDatabaseUrl } from '../services/config/database-url';
import { type CopyProgress, type CopyStep, copyDatabase } from '../services/database/copy/copy';
import { type DatabaseOption, openSourceAndTarget } from '../services/database/copy/source-and-target';
import { systemClock } from '../services/runtime/clock';
import { CopyError } from '../services/runtime/errors';
import { createProgressLine, toCount, toDuration } from './output';

const clock = systemClock;

const STEP_LABELS: Readonly<Record<CopyStep, string>> = {
  reading: 'Reading',
  copying: 'Copying',
  comparing: 'Comparing',
};

/** `scopekeeper copy`: exit code 0 where the target now holds what the source holds. */
export async function runCopy(options: { from?: string; to?: string }): Promise<void> {
  const { source, target } = await openSourceAndTarget({
    ...toDatabaseOptions(options, readEnvironment()),
    clock,
  });
  const interrupted = new AbortController();
  // A second signal ends the process at once, which loses nothing either.
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const line = createProgressLine();
  const beganAt = clock.now();
  try {
    const { rows, logSha256 } = await copyDatabase({
      source,
      target,
      signal: interrupted.signal,
      onProgress: (progress) => line.show(toProgressText(progress, clock.now() - beganAt)),
    });
    line.clear();
    const counts = Object.values(rows);
    const total = counts.reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `Copied and verified: ${toCount(total)} rows in ${counts.length} tables, ${toCount(rows.grant_log ?? 0)} of them the log (SHA-256 ${logSha256}), ${toDuration(clock.now() - beganAt)}. Now set DATABASE_URL to ${target.name}, and start the app.\n`,
    );
  } finally {
    line.clear();
    await source.database.close();
    await target.database.close();
  }
}

/** URLs with a password belong in the environment: every user of the machine can read a command line. */
function toDatabaseOptions(
  options: { from?: string; to?: string },
  environment: Environment,
): { from: DatabaseOption; to: DatabaseOption } {
  const from =
    toDatabaseOption('--from', options.from) ??
    toDatabaseOption('COPY_FROM_URL', environment.COPY_FROM_URL || undefined);
  const to =
    toDatabaseOption('--to', options.to) ??
    toDatabaseOption('COPY_TO_URL', environment.COPY_TO_URL || undefined);
  if (to === undefined) throw new CopyError('Name the database to fill with COPY_TO_URL or --to.');
  return { from: from ?? { option: 'DATABASE_URL', config: loadDatabaseConfig(environment) }, to };
}

function toDatabaseOption(option: string, url: string | undefined): DatabaseOption | undefined {
  return url !== undefined ? { option, config: readDatabaseUrl(option, url) } : undefined;
}

export function toProgressText({ step, table, rows, of, done, total }: CopyProgress, tookMs: number): string {
  const text = `${STEP_LABELS[step]} ${table}: ${toCount(rows)} of ${toCount(of)} rows`;
  if (done === 0) return text;
  return `${text}, about ${toDuration((tookMs / done) * Math.max(0, total - done))} left`;
}
