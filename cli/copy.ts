import { systemClock } from '../services/clock';
import { loadDatabaseConfig, readEnvironment } from '../services/config';
import { copyDatabase } from '../services/copy/copy';
import type { CopyProgress, CopyStep } from '../services/copy/progress';
import { openSides } from '../services/copy/sides';
import { readDatabaseUrl } from '../services/database-config';
import { createProgressLine, toCount, toDuration } from './output';

const clock = systemClock;

const WORDS: Readonly<Record<CopyStep, string>> = {
  reading: 'Reading',
  copying: 'Copying',
  comparing: 'Comparing',
};

/** `scopekeeper copy`: exit code 0 where the target now holds what the source holds. */
export async function runCopy({ from, to }: { from?: string; to: string }): Promise<void> {
  const { source, target } = await openSides({
    from:
      from === undefined
        ? { option: 'DATABASE_URL', config: loadDatabaseConfig(readEnvironment()) }
        : { option: '--from', config: readDatabaseUrl('--from', from) },
    to: { option: '--to', config: readDatabaseUrl('--to', to) },
    clock,
  });
  const interrupted = new AbortController();
  // The second time, the process ends at once: nothing is lost by that either.
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

export function toProgressText({ step, table, rows, of, done, total }: CopyProgress, tookMs: number): string {
  const text = `${WORDS[step]} ${table}: ${toCount(rows)} of ${toCount(of)} rows`;
  if (done === 0) return text;
  return `${text}, about ${toDuration((tookMs / done) * Math.max(0, total - done))} left`;
}
