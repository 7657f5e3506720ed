import { installedApp } from '../app-manifest';
import { team } from '../state/people';
import type { Method } from './method';

export const authTest: Method = {
  acceptsJson: true,
  run: (workspace) => ({
    ok: true,
    url: `https://${team.domain}.slack.com/`,
    team: team.name,
    user: workspace.people.nameOf(installedApp.botUserId),
    team_id: team.id,
    user_id: installedApp.botUserId,
    bot_id: installedApp.botId,
    is_enterprise_install: false,
  }),
};
