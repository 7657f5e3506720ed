import type { Clock } from '../clock';
import type { Database } from '../database/database';
import type { Workspace } from '../workspace';
import { isInstalledOrgWide, listOrganisationTeams } from './store';

/** What an admin may see: their own workspace, or, where the app is installed in all of it, their organisation's. */
export interface VisibleTeams {
  list(workspace: Workspace): Promise<readonly string[]>;
}

/** A workspace that joins, or an app that leaves, is seen this much later. */
const KEPT_MS = 30_000;
const KEPT_ORGANISATIONS = 1_000;

export function createVisibleTeams({ database, clock }: { database: Database; clock: Clock }): VisibleTeams {
  const kept = new Map<string, { at: number; teamIds: readonly string[] }>();

  async function listOfOrganisation(enterpriseId: string): Promise<readonly string[]> {
    const known = kept.get(enterpriseId);
    if (known !== undefined && clock.now() - known.at < KEPT_MS) return known.teamIds;
    const isWide = await isInstalledOrgWide(database.query, enterpriseId);
    const teamIds = isWide ? await listOrganisationTeams(database.query, enterpriseId) : [];
    if (kept.size >= KEPT_ORGANISATIONS) kept.clear();
    kept.set(enterpriseId, { at: clock.now(), teamIds });
    return teamIds;
  }

  return {
    async list({ teamId, enterpriseId }) {
      if (enterpriseId === undefined) return [teamId];
      return [...new Set([teamId, ...(await listOfOrganisation(enterpriseId))])].sort();
    },
  };
}
