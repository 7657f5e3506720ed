import type { Screen } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { Delivery } from '../types';
import type { Events } from '../wire/events';
import { revokeUser } from './revocation';

/** Slack holds the scopes from now on, and tells the app. */
export async function allowPrompt(
  workspace: Workspace,
  events: Events,
  screen: Screen,
  only?: string[],
): Promise<Delivery> {
  const { scopes, triggerId } = getPrompt(screen);
  const unasked = only?.filter((scope) => !scopes.includes(scope)) ?? [];
  if (unasked.length > 0) throw new Error(`The permission modal does not ask for ${unasked.join(', ')}.`);
  const granted = only ?? scopes;
  if (granted.length === 0) throw new Error('Allowing nothing is deny().');
  screen.prompt = undefined;
  workspace.grants.add(screen.userId, granted);
  const event = {
    type: 'user_resource_granted',
    user: screen.userId,
    scopes: granted,
    trigger_id: triggerId,
  };
  return await events.send(event, { teamId: workspace.team.id }).first;
}

export async function denyPrompt(workspace: Workspace, events: Events, screen: Screen): Promise<Delivery> {
  const { scopes, triggerId } = getPrompt(screen);
  screen.prompt = undefined;
  workspace.changed();
  const event = { type: 'user_resource_denied', user: screen.userId, scopes, trigger_id: triggerId };
  return await events.send(event, { teamId: workspace.team.id }).first;
}

/** Nobody is told. */
export function closePrompt(workspace: Workspace, screen: Screen): void {
  getPrompt(screen);
  screen.prompt = undefined;
  workspace.changed();
}

/**
 * Everything that the person granted is taken back; the trigger in the event was used already. Today's Slack calls it
 * revoking a token.
 */
export async function takeBack(workspace: Workspace, events: Events, screen: Screen): Promise<Delivery> {
  if (workspace.isRetired) return await revokeUser(workspace, events, screen.userId);
  workspace.grants.remove(screen.userId);
  const event = {
    type: 'user_resource_removed',
    user: screen.userId,
    trigger_id: screen.lastPromptTriggerId ?? mintUsedTrigger(workspace, screen),
  };
  return await events.send(event, { teamId: workspace.team.id }).first;
}

function mintUsedTrigger(workspace: Workspace, screen: Screen): string {
  const trigger = workspace.triggers.mint(screen.userId, workspace.team.generalId);
  trigger.exchanged = true;
  return trigger.id;
}

function getPrompt(screen: Screen) {
  if (screen.prompt) return screen.prompt;
  throw new Error(`There is no permission modal on the screen of ${screen.userId}.`);
}
