import { GENERAL_CHANNEL_ID } from '../state/people';
import type { Screen } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { Delivery } from '../types';
import type { Events } from '../wire/events';

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
  return await events.send({
    type: 'user_resource_granted',
    user: screen.userId,
    scopes: granted,
    trigger_id: triggerId,
  }).first;
}

export async function denyPrompt(workspace: Workspace, events: Events, screen: Screen): Promise<Delivery> {
  const { scopes, triggerId } = getPrompt(screen);
  screen.prompt = undefined;
  workspace.changed();
  return await events.send({
    type: 'user_resource_denied',
    user: screen.userId,
    scopes,
    trigger_id: triggerId,
  }).first;
}

/** Nobody is told. */
export function closePrompt(workspace: Workspace, screen: Screen): void {
  getPrompt(screen);
  screen.prompt = undefined;
  workspace.changed();
}

/** Everything that the person granted is taken back; the trigger in the event was used already. */
export async function takeBack(workspace: Workspace, events: Events, screen: Screen): Promise<Delivery> {
  workspace.grants.remove(screen.userId);
  return await events.send({
    type: 'user_resource_removed',
    user: screen.userId,
    trigger_id: screen.lastPromptTriggerId ?? mintUsedTrigger(workspace, screen),
  }).first;
}

function mintUsedTrigger(workspace: Workspace, screen: Screen): string {
  const trigger = workspace.triggers.mint(screen.userId, GENERAL_CHANNEL_ID);
  trigger.exchanged = true;
  return trigger.id;
}

function getPrompt(screen: Screen) {
  if (screen.prompt) return screen.prompt;
  throw new Error(`There is no permission modal on the screen of ${screen.userId}.`);
}
