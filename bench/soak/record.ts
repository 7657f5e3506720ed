import { readDatabaseUrl } from '../../services/config/database-url';
import { openDatabase } from '../../services/database/database';
import { systemClock } from '../../services/runtime/clock';
import type { Shown } from './slack';

/** Holds the log against what happened: each prompt has its entry, each event that was acknowledged has one and no more. */
export async function checkRecord(
  databaseUrl: string,
  { shown, acknowledged }: { shown: readonly Shown[]; acknowledged: ReadonlySet<string> },
) {
  const config = readDatabaseUrl('DATABASE_URL', databaseUrl);
  const database = await openDatabase({ config, clock: systemClock, mustExist: true });
  try {
    const entries = await database.query
      .selectFrom('grant_log')
      .select(['event', 'user_id', 'event_id'])
      .execute();
    const prompts = countBy(shown, ({ userId }) => userId);
    const requested = countBy(
      entries.filter(({ event }) => event === 'requested'),
      ({ user_id: userId }) => userId ?? '',
    );
    const recorded = countBy(
      entries.filter(({ event_id: id }) => id !== null),
      ({ event_id: id }) => id ?? '',
    );
    return {
      entries: entries.length,
      prompts: shown.length,
      prompts_not_logged: sum(
        [...prompts].map(([id, count]) => Math.max(0, count - (requested.get(id) ?? 0))),
      ),
      prompts_logged_too_often: sum(
        [...requested].map(([id, count]) => Math.max(0, count - (prompts.get(id) ?? 0))),
      ),
      events_acknowledged: acknowledged.size,
      events_not_recorded: [...acknowledged].filter((id) => !recorded.has(id)).length,
      events_recorded_twice: [...recorded.values()].filter((count) => count > 1).length,
      failed: entries.filter(({ event }) => event === 'failed').length,
    };
  } finally {
    await database.close();
  }
}

function countBy<T>(items: readonly T[], toKey: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(toKey(item), (counts.get(toKey(item)) ?? 0) + 1);
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
