import { LRUCache } from 'lru-cache';
import type { Workspaces } from '../oauth/workspaces';
import { type Clock, isFresh } from '../runtime/clock';
import type { Workspace } from '../slack/workspace';
import type { Admin } from './admins';

/**
 * What an admin may see: the workspace that they are an admin of; and who is one of the organisation, where the app is
 * installed in all of it, its workspaces, as far as they are still in it.
 */
export interface VisibleTeams {
  list(workspace: Workspace, admin: Pick<Admin, 'managedEnterpriseId'>): Promise<readonly string[]>;
}

/** A workspace that joins, or an app that leaves, is seen this much later. */
const CACHED_MS = 5_000;
const CACHED_ORGANISATIONS = 1_000;

export function createVisibleTeams({
  workspaces,
  clock,
}: {
  workspaces: Pick<Workspaces, 'listOfEnterprise'>;
  clock: Clock;
}): VisibleTeams {
  const cache = new LRUCache<string, { at: number; teamIds: readonly string[] }>({
    max: CACHED_ORGANISATIONS,
  });

  async function listOfOrganisation(enterpriseId: string): Promise<readonly string[]> {
    const known = cache.get(enterpriseId);
    if (known !== undefined && isFresh(known.at, clock.now(), CACHED_MS)) return known.teamIds;
    const teamIds = await workspaces.listOfEnterprise(enterpriseId);
    cache.set(enterpriseId, { at: clock.now(), teamIds });
    return teamIds;
  }

  return {
    async list({ teamId }, { managedEnterpriseId }) {
      if (managedEnterpriseId === undefined) return [teamId];
      return [...new Set([teamId, ...(await listOfOrganisation(managedEnterpriseId))])].sort();
    },
  };
}
