import type { Clock } from '../clock';
import type { BotTokens } from '../installations/bot-tokens';
import type { Logger } from '../logger';
import type { CallSlack } from '../slack-api';
import { whileAlive } from '../trigger/while-alive';
import type { Workspace } from '../workspace';
import type { PermissionsBackend } from './backend';

/** What a workspace says to a method of the retired Permissions API. */
const RETIRED_ERRORS = new Set([
  'unknown_method',
  'method_deprecated',
  'deprecated_endpoint',
  'not_allowed_token_type',
]);

/** Which backend serves a workspace; `unknown` where it could not be asked now. */
export type BackendChoice =
  | { is: 'native' | 'oauth' }
  | { is: 'unknown'; error: string; retryAfterMs: number | undefined };

export type ChooseBackend = (workspace: Workspace) => Promise<BackendChoice>;

/** `PERMISSIONS_BACKEND=auto`: asks the workspace, once, whether it knows `apps.permissions.users.list`. */
export function createBackendChoice({
  callSlack,
  botTokens,
  logger,
}: {
  callSlack: CallSlack;
  botTokens: Pick<BotTokens, 'find'>;
  logger: Logger;
}): ChooseBackend {
  const chosen = new Map<string, Promise<BackendChoice>>();

  async function ask(workspace: Workspace): Promise<BackendChoice> {
    const found = await botTokens.find(workspace);
    if ('error' in found) return { is: 'unknown', error: found.error, retryAfterMs: undefined };
    const answer = await callSlack('apps.permissions.users.list', { token: found.token, limit: '1' });
    if (!answer.ok && !RETIRED_ERRORS.has(answer.error))
      return {
        is: 'unknown',
        error: answer.error,
        retryAfterMs: answer.retryAfterMs,
      };
    const choice: BackendChoice = { is: answer.ok ? 'native' : 'oauth' };
    logger.info({ team_id: workspace.teamId, backend: choice.is }, 'backend chosen');
    return choice;
  }

  async function askAndKeep(workspace: Workspace): Promise<BackendChoice> {
    const asked = ask(workspace);
    chosen.set(workspace.teamId, asked);
    const choice = await asked.catch((error: unknown) => {
      chosen.delete(workspace.teamId);
      throw error;
    });
    if (choice.is === 'unknown') chosen.delete(workspace.teamId);
    return choice;
  }

  return (workspace) => chosen.get(workspace.teamId) ?? askAndKeep(workspace);
}

/** The backend that the workspace was found to know. While that is not known, the error is the workspace's own. */
export function createChosenBackend({
  choose,
  native,
  oauth,
  clock,
}: {
  choose: ChooseBackend;
  native: PermissionsBackend;
  oauth: PermissionsBackend;
  clock: Clock;
}): PermissionsBackend {
  return {
    async request(prompt) {
      // To be asked is to be called, once: a trigger does not wait for it longer than it lives.
      const choice = await whileAlive(prompt.trigger, clock, choose(prompt.trigger));
      if (choice === undefined) return { ok: false, error: 'no_time_left' };
      if (choice.is === 'unknown') return { ok: false, error: choice.error };
      return (choice.is === 'native' ? native : oauth).request(prompt);
    },
    async list(page) {
      const choice = await choose(page.workspace);
      if (choice.is === 'unknown') {
        return { ok: false, error: choice.error, retryAfterMs: choice.retryAfterMs };
      }
      return (choice.is === 'native' ? native : oauth).list(page);
    },
  };
}
