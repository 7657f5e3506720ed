import { installedApp } from '../app-manifest';
import { team } from '../state/people';
import { type Method, refuse } from './method';

export const usersInfo: Method = {
  acceptsJson: false,
  scope: 'users:read',
  run: (workspace, args) => {
    const user = workspace.people.find(args.text('user'));
    if (!user) return refuse('user_not_found');
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
          ...(user.isBot ? { bot_id: installedApp.botId, api_app_id: installedApp.id } : {}),
        },
        is_admin: user.isAdmin,
        is_owner: user.isOwner,
        is_primary_owner: false,
        is_restricted: false,
        is_ultra_restricted: false,
        is_bot: user.isBot,
        is_app_user: false,
        updated: Math.floor(workspace.clock.now() / 1000),
      },
    };
  },
};
