import { LRUCache } from 'lru-cache';
import type { Workspaces } from '../oauth/workspaces';
import { type Clock, isFresh } from '../runtime/clock';
import type { Workspace } from '../slack/workspace';
import type { Admin } from './admins';

/** How late a workspace that joins or leaves the organisation is noticed. */
const CACHED_MS = 5_000;
const MAX_CACHED = 1_000;

export type VisibleTeams = ReturnType<typeof createVisibleTeams>;

/**
 * The workspaces whose log an admin may read: their own; and for an admin of the organisation, where the app is installed
 * in all of it, its workspaces.
 */
export function createVisibleTeams(parts: {
  workspaces: Pick<Workspaces, 'listOfEnterprise'>;
  clock: Clock;
}) {
  const { workspaces, clock } = parts;
  const cache = new LRUCache<string, { at: number; teamIds: readonly string[] }>({ max: MAX_CACHED });

  async function listOfEnterprise(enterpriseId: string): Promise<readonly string[]> {
    const cached = cache.get(enterpriseId);
    if (cached !== undefined && isFresh(cached.at, clock.now(), CACHED_MS)) return cached.teamIds;
    const teamIds = await workspaces.listOfEnterprise(enterpriseId);
    cache.set(enterpriseId, { at: clock.now(), teamIds });
    return teamIds;
  }

  return {
    async list(
      { teamId }: Workspace,
      { managedEnterpriseId }: Pick<Admin, 'managedEnterpriseId'>,
    ): Promise<readonly string[]> {
      if (managedEnterpriseId === undefined) return [teamId];
      return [...new Set([teamId, ...(await listOfEnterprise(managedEnterpriseId))])].sort();
    },
  };
}
