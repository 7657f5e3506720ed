import { createKept, type Kept } from '../../database/cache';
import type { Database } from '../../database/database';
import type { Background } from '../../runtime/background';
import type { Clock } from '../../runtime/clock';
import { fromMemberKey, toMemberKey } from '../../slack/workspace';
import { type AwaitedRequest, listAwaited } from './store';

/** The requests that users were shown and have not answered, by `toMemberKey`. Kept in memory. */
export type OpenRequests = Kept<readonly AwaitedRequest[]>;

export function createOpenRequests({
  database,
  background,
  clock,
}: {
  database: Database;
  background: Background;
  clock: Clock;
}): OpenRequests {
  return createKept<readonly AwaitedRequest[]>({
    database,
    background,
    clock,
    source: {
      topic: 'open_requests',
      empty: [],
      read: async (keys) => byMember(await listAwaited(database.query, keys.map(fromMemberKey))),
      // All at once: they end within minutes, so that they are few.
      readPage: async (after) =>
        after === undefined ? byMember(await listAwaited(database.query)) : new Map(),
    },
  });
}

function byMember(requests: readonly AwaitedRequest[]): Map<string, AwaitedRequest[]> {
  const found = new Map<string, AwaitedRequest[]>();
  for (const request of requests) {
    const key = toMemberKey(request);
    found.set(key, [...(found.get(key) ?? []), request]);
  }
  return found;
}
