import type { Holder } from './authorizations';
import type { StoredMessage } from './messages';
import { createShared, type SlackOptions } from './shared';
import { FIRST_TEAM, SECOND_TEAM, toEnterpriseTeam } from './teams';
import { createWorkspace, type Workspace } from './workspace';

export type Slack = ReturnType<typeof createSlack>;

/** Slack as a whole: two workspaces, alone or in one organisation, and the tokens of all. */
export function createSlack(options: SlackOptions) {
  const shared = createShared(options);
  const { enterprise } = shared;
  const shelf: StoredMessage[] = [];
  const workspaces = [FIRST_TEAM, SECOND_TEAM].map((team) =>
    enterprise
      ? createWorkspace({ shared, team: toEnterpriseTeam(team), shelf })
      : createWorkspace({ shared, team, shelf: [] }),
  );
  const find = (teamId: string): Workspace | undefined => workspaces.find(({ team }) => team.id === teamId);

  function get(teamId: string): Workspace {
    const found = find(teamId);
    if (found) return found;
    const known = workspaces.map(({ team }) => team.id).join(', ');
    throw new Error(`There is no workspace ${teamId} in the sandbox; there are ${known}.`);
  }

  const first = get(FIRST_TEAM.id);
  /** The app's bot in the organisation as a whole. */
  const orgBot: Holder = { ...first.bot, teamId: undefined };
  return { ...shared, workspaces, first, find, get, orgBot };
}
