import { readLog } from '../app';
import type { Shown } from './slack';

/** Holds the log against what happened: each prompt has its entry, each event that was acknowledged has one and no more. */
export async function checkRecord(
  databaseUrl: string,
  { shown, acknowledged }: { shown: readonly Shown[]; acknowledged: ReadonlySet<string> },
) {
  const entries = await readLog(databaseUrl);
  const prompts = countEach(shown.map(({ userId }) => userId));
  const requested = countEach(
    entries.filter(({ event }) => event === 'requested').map(({ user_id: userId }) => userId ?? ''),
  );
  const recorded = countEach(entries.flatMap(({ event_id: id }) => id ?? []));
  return {
    prompts: shown.length,
    prompts_not_logged: countMissing(prompts, requested),
    prompts_logged_too_often: countMissing(requested, prompts),
    events_acknowledged: acknowledged.size,
    events_not_recorded: [...acknowledged].filter((id) => !recorded.has(id)).length,
    events_recorded_twice: [...recorded.values()].filter((count) => count > 1).length,
  };
}

function countEach(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function countMissing(expected: ReadonlyMap<string, number>, found: ReadonlyMap<string, number>): number {
  return [...expected].reduce((sum, [name, count]) => sum + Math.max(0, count - (found.get(name) ?? 0)), 0);
}
