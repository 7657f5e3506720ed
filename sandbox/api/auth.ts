import { revokeAuthorization } from '../gestures/revocation';
import type { Token } from '../state/authorizations';
import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { type Method, refuse } from './method';

export const authTest: Method = {
  acceptsJson: true,
  isOfOrganisation: true,
  takesUserToken: true,
  run: (workspace, _args, { token }) => {
    if (!token) return refuse('invalid_auth');
    const { kind, userId } = token.authorization;
    return {
      ok: true,
      ...placeFields(workspace, token),
      user: workspace.people.nameOf(userId),
      user_id: userId,
      ...(kind === 'bot' ? { bot_id: workspace.team.botId } : {}),
      ...expiryFields(workspace, token),
    };
  },
};

/** A token of the organisation names the organisation where others name their workspace. */
function placeFields({ team, enterprise }: Workspace, { authorization }: Token): JsonObject {
  const isOrgWide = authorization.teamId === undefined && enterprise !== undefined;
  const place = isOrgWide ? enterprise : team;
  return {
    url: `https://${place.domain}.${isOrgWide ? 'enterprise.' : ''}slack.com/`,
    team: place.name,
    team_id: place.id,
    ...(enterprise ? { enterprise_id: enterprise.id } : {}),
    is_enterprise_install: isOrgWide,
  };
}

function expiryFields({ clock }: Workspace, { expiresAt }: Token): JsonObject {
  return expiresAt === undefined ? {} : { expires_in: Math.ceil((expiresAt - clock.now()) / 1000) };
}

/** The workspaces that an organisation's token reaches, or the one of another token. */
export const authTeamsList: Method = {
  acceptsJson: true,
  isOfOrganisation: true,
  run: (_workspace, args, { slack, token }) => {
    const { teamId } = token?.authorization ?? {};
    const reached = slack.workspaces.filter(({ team }) =>
      teamId === undefined ? !slack.outOfReach.has(team.id) : team.id === teamId,
    );
    const from = Number(args.text('cursor') || 0);
    const limit = Number(args.text('limit') || 100);
    if (!Number.isSafeInteger(from) || from < 0) return refuse('invalid_cursor');
    const teams = reached.slice(from, from + limit).map(({ team: { id, name } }) => ({ id, name }));
    const next = from + limit < reached.length ? String(from + limit) : '';
    return { ok: true, teams, response_metadata: { next_cursor: next } };
  },
};

/**
 * Revokes all that stands behind the token, for a user every scope that they granted in the workspace; of a pair the half
 * that was given.
 */
export const authRevoke: Method = {
  acceptsJson: false,
  takesUserToken: true,
  takesRefreshToken: true,
  run: (_workspace, args, { slack, events, token }) => {
    if (!token) return refuse('invalid_auth');
    if (args.flag('test')) return { ok: true, revoked: false };
    if (token.refreshToken !== undefined) {
      // Slack is known to send no event of it.
      slack.authorizations.revokeHalf(
        token,
        args.text('token') === token.refreshToken ? token.refreshToken : token.value,
      );
      return { ok: true, revoked: true };
    }
    // The answer does not wait for the event; an app that listens nowhere is not told.
    revokeAuthorization(slack, events, token.authorization).catch(() => undefined);
    return { ok: true, revoked: true };
  },
};
