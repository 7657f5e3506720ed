import type { Database } from '../database/database';
import type { TeamAnswer } from '../slack-token';
import type { Workspace } from '../workspace';
import { findEnterpriseId, listTeamsOfEnterprise, listWorkspaces } from './workspace-store';

/** Where the app is installed. */
export interface Workspaces {
  /** What there is to keep true. `error` where Slack could not say whose token `SLACK_BOT_TOKEN` is. */
  list(): Promise<{ workspaces: Workspace[] } | { error: string }>;
  /** A workspace that has something in the log, with the organisation that it is known to be in. */
  find(teamId: string): Promise<Workspace>;
  /** The workspaces of an organisation in which users have consented. */
  listOfEnterprise(enterpriseId: string): Promise<string[]>;
}

export function createWorkspaces({
  database,
  findTeam,
}: {
  database: Database;
  /** Where there is one token for one workspace. */
  findTeam: (() => Promise<TeamAnswer>) | undefined;
}): Workspaces {
  return {
    async list() {
      if (findTeam === undefined) return { workspaces: await listWorkspaces(database.query) };
      const team = await findTeam();
      if ('error' in team) return { error: team.error };
      return { workspaces: [{ teamId: team.teamId, enterpriseId: team.enterpriseId }] };
    },
    find: async (teamId) => ({ teamId, enterpriseId: await findEnterpriseId(database.query, teamId) }),
    listOfEnterprise: (enterpriseId) => listTeamsOfEnterprise(database.query, enterpriseId),
  };
}
