import type { Authorization } from '../state/authorizations';
import type { Slack } from '../state/slack';
import type { Workspace } from '../state/workspace';
import type { Delivery, UninstallOptions } from '../types';
import type { Events } from '../wire/events';

/** The user's token, and with it all that they granted in the workspace. */
export async function revokeUser(workspace: Workspace, events: Events, userId: string): Promise<Delivery> {
  workspace.grants.remove(userId);
  return await events.send(tokensRevoked([userId], []), { teamId: workspace.team.id }).first;
}

/** The whole authorization: it has one token, and with rotation several. Resolves when the app was told. */
export async function revokeAuthorization(
  slack: Slack,
  events: Events,
  authorization: Authorization,
): Promise<void> {
  const { kind, teamId, userId } = authorization;
  slack.authorizations.revoke(authorization);
  const event = kind === 'user' ? tokensRevoked([userId], []) : tokensRevoked([], [userId]);
  await events.send(event, { teamId: teamId ?? slack.enterprise?.id }).first;
}

/** The app goes from a workspace or the whole organisation, and every token with it. */
export async function uninstall(slack: Slack, events: Events, options: UninstallOptions): Promise<void> {
  const { enterprise, authorizations, first, orgBot } = slack;
  const isInOrg = enterprise && authorizations.find(first.bot) === undefined && authorizations.find(orgBot);
  const placeId = options.teamId ?? (isInOrg ? enterprise.id : first.team.id);
  const isOrgWide = placeId === enterprise?.id;
  const workspaces = isOrgWide ? slack.workspaces : [slack.get(placeId)];
  const teamIds: (string | undefined)[] = [...workspaces.map(({ team }) => team.id)];
  if (isOrgWide) teamIds.push(undefined);

  const gone = authorizations.standing().filter(({ teamId }) => teamIds.includes(teamId));
  for (const authorization of gone) authorizations.revoke(authorization, { isUninstalled: true });
  for (const { people, screens } of workspaces) {
    for (const user of people.humans) screens.of(user.id).prompt = undefined;
  }
  const owners = (kind: Authorization['kind']) =>
    [...new Set(gone.filter((each) => each.kind === kind).map(({ userId }) => userId))].sort();

  const told = [tokensRevoked(owners('user'), owners('bot')), { type: 'app_uninstalled' }];
  const send = async (event: { type: string }) => {
    await events.send(event, { teamId: placeId }).first;
  };
  if (options.first === undefined) {
    await Promise.all(told.reverse().map(send));
    return;
  }
  for (const event of options.first === 'tokens_revoked' ? told : told.reverse()) await send(event);
}

/** A workspace comes into the reach of the organisation's install, or goes out of it, and users' tokens there with it. */
export async function setAccess(
  slack: Slack,
  events: Events,
  { teamId, isGranted }: { teamId: string; isGranted: boolean },
): Promise<void> {
  const { outOfReach, authorizations, enterprise, clock } = slack;
  if (!enterprise) throw new Error('There is no organisation: start the sandbox with isEnterprise.');
  const { team } = slack.get(teamId);
  if (isGranted) outOfReach.delete(team.id);
  else {
    outOfReach.add(team.id);
    for (const authorization of authorizations.standing())
      if (authorization.kind === 'user' && authorization.teamId === team.id)
        authorizations.revoke(authorization, { isUninstalled: true });
  }
  const named = { team_ids: [team.id], event_ts: (clock.now() / 1_000).toFixed(6) };
  const event = isGranted
    ? { type: 'team_access_granted', ...named }
    : { type: 'team_access_revoked', ...named };
  await events.send(event, { teamId: enterprise.id }).first;
}

/** `oauth` are the users whose tokens are dead from now on, `bot` the app's own users. */
function tokensRevoked(oauth: string[], bot: string[]) {
  return { type: 'tokens_revoked', tokens: { oauth, bot } };
}
