import { APP_IDS } from '../app-manifest';
import type { Authorization, Token } from '../state/authorizations';
import type { Slack } from '../state/slack';
import type { JsonObject } from '../types';

/** What stands in every answer of `oauth.v2.access`: where the app may act now. */
export function placeFields(slack: Slack, teamId: string | undefined): JsonObject {
  const { enterprise } = slack;
  const team = teamId === undefined ? undefined : slack.get(teamId).team;
  return {
    app_id: APP_IDS.appId,
    team: team ? { id: team.id, name: team.name } : null,
    enterprise: enterprise ? { id: enterprise.id, name: enterprise.name } : null,
    is_enterprise_install: team === undefined,
  };
}

/** A token as it is handed out. `scope` is all that it can do, not only what was asked this time. */
export function tokenFields(slack: Slack, token: Token): JsonObject {
  const { authorization, value, expiresAt, refreshToken } = token;
  return {
    access_token: value,
    token_type: authorization.kind,
    scope: [...authorization.scopes].join(','),
    ...botFields(authorization),
    ...(expiresAt === undefined || refreshToken === undefined
      ? {}
      : { refresh_token: refreshToken, expires_in: Math.round((expiresAt - slack.clock.now()) / 1000) }),
  };
}

function botFields({ kind, userId }: Authorization): JsonObject {
  return kind === 'bot' ? { bot_user_id: userId } : {};
}
