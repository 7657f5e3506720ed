import { APP_IDS } from '../app-manifest';
import type { Workspace } from '../state/workspace';
import type { JsonObject, SandboxUser } from '../types';
import { type Method, refuse } from './method';

export const usersInfo: Method = {
  acceptsJson: false,
  scope: 'users:read',
  run: (workspace, args) => {
    const user = workspace.people.find(args.text('user'));
    if (!user) return refuse('user_not_found');
    const { team } = workspace;
    return {
      ok: true,
      user: {
        id: user.id,
        team_id: team.id,
        name: user.name,
        deleted: false,
        real_name: user.realName,
        tz: 'Etc/UTC',
        tz_label: 'Coordinated Universal Time',
        tz_offset: 0,
        profile: {
          real_name: user.realName,
          display_name: user.name,
          team: team.id,
          ...(user.isBot ? { bot_id: team.botId, api_app_id: APP_IDS.appId } : {}),
        },
        is_admin: user.isAdmin,
        is_owner: user.isOwner,
        is_primary_owner: false,
        is_restricted: false,
        is_ultra_restricted: false,
        is_bot: user.isBot,
        is_app_user: false,
        ...enterpriseUser(workspace, user),
        updated: Math.floor(workspace.clock.now() / 1000),
      },
    };
  },
};

/** Who the user is in the organisation. */
function enterpriseUser({ enterprise, team }: Workspace, user: SandboxUser): JsonObject {
  if (!enterprise) return {};
  const { id, isOrgAdmin: is_admin = user.isAdmin } = user;
  const { id: enterprise_id, name: enterprise_name } = enterprise;
  return {
    enterprise_user: { id, enterprise_id, enterprise_name, is_admin, is_owner: false, teams: [team.id] },
  };
}
