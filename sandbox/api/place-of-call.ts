import type { Token } from '../state/authorizations';
import type { Slack } from '../state/slack';
import type { Workspace } from '../state/workspace';
import type { MethodArgs } from './method';

/** The token's workspace. One of the organisation works in all: there the arguments say which is meant. */
export function placeOfCall(slack: Slack, token: Token | undefined, args: MethodArgs): Workspace {
  const { teamId } = token?.authorization ?? {};
  if (teamId !== undefined) return slack.get(teamId);
  return slack.workspaces.find((workspace) => isMeant(workspace, args)) ?? slack.first;
}

function isMeant({ team, people, triggers, screens }: Workspace, args: MethodArgs): boolean {
  if (args.has('team_id')) return team.id === args.text('team_id');
  if (args.has('trigger_id')) return triggers.ageOf(args.text('trigger_id')) !== undefined;
  if (args.has('view_id')) return screens.findView(({ id }) => id === args.text('view_id')) !== undefined;
  if (args.has('channel')) return people.findChannel(args.text('channel')) !== undefined;
  const userId = args.text('user') || args.text('user_id') || args.text('users');
  return people.find(userId) !== undefined;
}
