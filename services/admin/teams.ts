import type { Workspaces } from '../oauth/workspaces';
import { type Clock, isFresh } from '../runtime/clock';
import type { Workspace } from '../slack/workspace';
import type { Admin } from './admins';

/**
 * What an admin may see: the workspace that they are an admin of; and who is one of the organisation, where the app is
 * installed in all of it, its workspaces, as far as they are still in it.
 */
export interface VisibleTeams {
  list(workspace: Workspace, admin: Pick<Admin, 'organisation'>): Promise<readonly string[]>;
}

/** A workspace that joins, or an app that leaves, is seen this much later. */
const KEPT_MS = 5_000;
const KEPT_ORGANISATIONS = 1_000;

export function createVisibleTeams({
  workspaces,
  clock,
}: {
  workspaces: Pick<Workspaces, 'listOfOrganisation'>;
  clock: Clock;
}): VisibleTeams {
  const kept = new Map<string, { at: number; teamIds: readonly string[] }>();

  async function listOfOrganisation(enterpriseId: string): Promise<readonly string[]> {
    const known = kept.get(enterpriseId);
    if (known !== undefined && isFresh(known.at, clock.now(), KEPT_MS)) return known.teamIds;
    const teamIds = await workspaces.listOfOrganisation(enterpriseId);
    if (kept.size >= KEPT_ORGANISATIONS) kept.clear();
    kept.set(enterpriseId, { at: clock.now(), teamIds });
    return teamIds;
  }

  return {
    async list({ teamId }, { organisation }) {
      if (organisation === undefined) return [teamId];
      return [...new Set([teamId, ...(await listOfOrganisation(organisation))])].sort();
    },
  };
}
