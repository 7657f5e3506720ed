import { createKept } from '../database/cache';
import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import type { Clock } from '../runtime/clock';
import { isOrganisationId, type Workspace } from '../slack/workspace';
import { listOrganisations, saveOrganisation } from './workspace-store';

/** Which organisation each workspace is in, as Slack said last: not every payload says so. Kept in memory. */
export interface Organisations {
  /** Undefined where it is in none, or nothing was said. A promise only where it is not at hand. */
  find(teamId: string): string | undefined | Promise<string | undefined>;
  /** Takes what a payload says of a workspace, in the background: null means none, undefined nothing. */
  learn(said: { teamId: string; enterpriseId: string | null | undefined }): void;
}

export function createOrganisations({
  database,
  background,
  clock,
}: {
  database: Database;
  background: Background;
  clock: Clock;
}): Organisations {
  const kept = createKept<string | undefined>({
    database,
    background,
    clock,
    source: {
      topic: 'workspaces',
      empty: undefined,
      read: (keys) => listOrganisations(database.query, keys),
      readPage: async (after) =>
        after === undefined ? listOrganisations(database.query) : new Map<string, string>(),
    },
  });

  async function learnNow(teamId: string, enterpriseId: string): Promise<void> {
    const known = await kept.get(teamId);
    // Of a workspace that is not known, "none" says nothing new.
    if (known === enterpriseId || (known === undefined && enterpriseId === '')) return;
    await database.transact((tx) => saveOrganisation(tx, teamId, enterpriseId));
  }

  return {
    find(teamId) {
      const known = kept.get(teamId);
      if (!(known instanceof Promise)) return known || undefined;
      const found = known.then((id) => id || undefined);
      found.catch(() => {});
      return found;
    },
    learn({ teamId, enterpriseId }) {
      if (enterpriseId === undefined || teamId === '' || isOrganisationId(teamId)) return;
      const said = enterpriseId ?? '';
      if (kept.get(teamId) === said) return;
      background.run('organisation of a workspace', () => learnNow(teamId, said));
    },
  };
}

/** The same for a workspace: with the organisation that is known where none was named. */
export async function withOrganisation<W extends Workspace>(
  organisations: Pick<Organisations, 'find'>,
  workspace: W,
): Promise<W> {
  if (workspace.enterpriseId !== undefined) return workspace;
  return { ...workspace, enterpriseId: await organisations.find(workspace.teamId) };
}
