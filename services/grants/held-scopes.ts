import { createKept, type Kept } from '../database/cache';
import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import type { Clock } from '../runtime/clock';
import { fromMemberKey } from '../slack/workspace';
import { listHeldScopes, listNextHeldScopes } from './store';

export type Scopes = ReadonlySet<string>;

/** The scopes that users hold now, by `toMemberKey`. Kept in memory: a trigger does not wait for the database. */
export type HeldScopes = Kept<Scopes>;

/** Most users hold the same few scopes: those share one set. */
const SHARED = 1_000;

export function createHeldScopes({
  database,
  background,
  clock,
}: {
  database: Database;
  background: Background;
  clock: Clock;
}): HeldScopes {
  const shared = new Map<string, Scopes>();

  function share(found: Map<string, Scopes>): Map<string, Scopes> {
    for (const [key, scopes] of found) {
      const name = [...scopes].sort().join(' ');
      const known = shared.get(name);
      if (known !== undefined) found.set(key, known);
      else if (shared.size < SHARED) shared.set(name, scopes);
    }
    return found;
  }

  return createKept<Scopes>({
    database,
    background,
    clock,
    source: {
      topic: 'held',
      empty: new Set(),
      read: async (keys) => share(await listHeldScopes(database.query, keys.map(fromMemberKey))),
      readPage: async (after, limit) =>
        share(
          await listNextHeldScopes(database.query, {
            after: after === undefined ? undefined : fromMemberKey(after),
            limit,
          }),
        ),
    },
  });
}
