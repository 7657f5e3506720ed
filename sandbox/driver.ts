import { takeBack } from './gestures/permission-modal';
import { revokeUser, setAccess, uninstall } from './gestures/revocation';
import type { Token } from './state/authorizations';
import type { Slack } from './state/slack';
import type { IssuedToken, Sandbox } from './types';
import type { Events } from './wire/events';

type Doings =
  | 'granted'
  | 'grantDirectly'
  | 'revokeDirectly'
  | 'userTokens'
  | 'botTokens'
  | 'revokeToken'
  | 'uninstall'
  | 'setAccess'
  | 'takeBack';

/** What the driver can see and change of what Slack holds. */
export function createDriver({ slack, events }: { slack: Slack; events: Events }): Pick<Sandbox, Doings> {
  const { authorizations, first } = slack;
  const at = (teamId = first.team.id) => slack.get(teamId);
  const issued = (kind: 'bot' | 'user') =>
    authorizations
      .tokens()
      .filter(({ authorization }) => authorization.kind === kind)
      .map(toIssued);

  return {
    granted: (userId, { teamId } = {}) => at(teamId).grants.of(userId),
    grantDirectly: (userId, scopes, { teamId } = {}) => at(teamId).grants.add(userId, scopes),
    revokeDirectly: (userId, scopes, { teamId } = {}) => at(teamId).grants.remove(userId, scopes),
    userTokens: () => issued('user'),
    botTokens: () => issued('bot'),
    revokeToken: async (userId, { silent = false, teamId } = {}) => {
      const workspace = at(teamId);
      workspace.people.getHuman(userId);
      if (silent) workspace.grants.remove(userId);
      else await revokeUser(workspace, events, userId);
    },
    uninstall: (options = {}) =>
      uninstall(slack, events, typeof options === 'string' ? { teamId: options } : options),
    setAccess: (teamId, isGranted) => setAccess(slack, events, { teamId, isGranted }),
    takeBack: async (userId, { teamId } = {}) => {
      const workspace = at(teamId);
      const { id } = workspace.people.getHuman(userId);
      await takeBack(workspace, events, workspace.screens.of(id));
    },
  };
}

function toIssued({ value, expiresAt, authorization }: Token): IssuedToken {
  const { teamId, userId, scopes, isRevoked } = authorization;
  return { value, teamId, userId, scopes: [...scopes].sort(), isRevoked, expiresAt };
}
