import type { Database } from '../database/database';
import type { Grants } from '../grants/grants';
import type { Clock } from '../runtime/clock';
import { createHistories } from './history';
import { createHolders } from './holders';
import { createPictures } from './pictures';
import { listChainStates } from './store';

export type Watching = ReturnType<typeof createWatching>;

/** What admins read beside the log itself. */
export function createWatching(parts: { database: Database; grants: Grants; clock: Clock }) {
  return {
    holders: createHolders(parts),
    histories: createHistories(parts),
    pictures: createPictures(parts),
    listChains: (teamIds: readonly string[]) => listChainStates(parts.database.query, teamIds),
  };
}
