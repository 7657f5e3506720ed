import type { Database } from '../database/database';
import type { TeamAnswer } from '../slack-token';
import type { Workspace } from '../workspace';
import { listTeamsOfEnterprise, listWorkspaces } from './store';

/** Where the app is installed. */
export interface Workspaces {
  /** What there is to keep true. `error` where Slack could not say whose token `SLACK_BOT_TOKEN` is. */
  list(): Promise<{ workspaces: Workspace[] } | { error: string }>;
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
    listOfEnterprise: (enterpriseId) => listTeamsOfEnterprise(database.query, enterpriseId),
  };
}
