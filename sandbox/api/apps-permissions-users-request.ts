import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { type Method, type MethodArgs, refuse } from './method';
import { isModalScope } from './scopes';

/** Puts the permission modal on the user's screen. Only an ok answer uses the trigger up. */
function run(workspace: Workspace, args: MethodArgs): JsonObject {
  const user = workspace.people.find(args.text('user'));
  if (!user) return refuse('invalid_user');
  if (user.isBot) return refuse('user_is_bot');

  const scopes = [...new Set(args.text('scopes').split(','))];
  if (!scopes.every(isModalScope)) return refuse('invalid_scope');

  const check = workspace.triggers.check(args.text('trigger_id'));
  if (check.state === 'exchanged') return refuse('trigger_exchanged');
  if (check.state !== 'good' || check.trigger.userId !== user.id) return refuse('invalid_trigger');

  check.trigger.exchanged = true;
  const screen = workspace.screens.of(user.id);
  screen.prompt = { scopes, triggerId: check.trigger.id };
  screen.lastPromptTriggerId = check.trigger.id;
  workspace.changed();
  return { ok: true };
}

export const appsPermissionsUsersRequest: Method = {
  run,
  acceptsJson: false,
  isOfWorkspaceApps: true,
  argNames: ['token', 'scopes', 'trigger_id', 'user'],
  perMinute: 20,
};
