import type { InstallURLOptions, StateStore } from '@slack/oauth';
import { type Clock, toIsoTime } from '../clock';
import type { Database } from '../database/database';
import { checkState, createState, insertInstallState, takeState } from './states';

/** The `state` of installations: Slack's `StateStore`, and a look at one before it is used up. */
export interface InstallStates {
  /** The same for every installation. */
  options: InstallURLOptions;
  store: StateStore;
  /** Whether it belongs to an installation that is under way. */
  isLive(state: string): Promise<boolean>;
  /** Uses it up; true for the one caller that did. */
  take(state: string): Promise<boolean>;
}

export function createInstallStates({
  database,
  clock,
  options,
}: {
  database: Database;
  clock: Clock;
  options: InstallURLOptions;
}): InstallStates {
  async function isLive(state: string): Promise<boolean> {
    return (await checkState(database.query, state, clock.now())).is === 'install';
  }

  async function take(state: string): Promise<boolean> {
    const now = clock.now();
    if (!(await isLive(state))) return false;
    return database.transact((tx) => takeState(tx, state, { now, at: toIsoTime(now) }));
  }

  return {
    options,
    isLive,
    take,
    store: {
      async generateStateParam() {
        const state = createState();
        await database.transact((tx) => insertInstallState(tx, state, clock.now()));
        return state;
      },
      async verifyStateParam(_now, state) {
        if (!(await take(state))) throw new Error('The state is not good, or not any more.');
        return options;
      },
    },
  };
}
