import type { Database } from '../database/database';
import type { Grants } from '../grants/grants';
import type { Clock } from '../runtime/clock';
import { createHistories, type Histories } from './history';
import { createHolders, type Holders } from './holders';
import { createPictures, type Pictures } from './pictures';
import { type ChainState, listChainStates } from './store';

/** What admins read beside the log itself. */
export interface Watching {
  holders: Holders;
  histories: Histories;
  pictures: Pictures;
  listChains(teamIds: readonly string[]): Promise<ChainState[]>;
}

export function createWatching({
  database,
  grants,
  clock,
}: {
  database: Database;
  grants: Grants;
  clock: Clock;
}): Watching {
  return {
    holders: createHolders({ database }),
    histories: createHistories({ database, grants }),
    pictures: createPictures({ database, clock }),
    listChains: (teamIds) => listChainStates(database.query, teamIds),
  };
}
