import type { BotTokens } from '../oauth/bot-tokens';
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { inTime } from '../runtime/with-timeout';
import { SLACK_FAULTS } from '../slack/errors';
import type { CallSlack } from '../slack/web-api';
import type { Workspace } from '../slack/workspace';
import type { PermissionsBackend } from './backend';
import { whileAlive } from './exchange/while-alive';

/** By these a workspace says that Slack retired the Permissions API there. */
const RETIRED_ERRORS = new Set([
  'unknown_method',
  'method_deprecated',
  'deprecated_endpoint',
  'not_allowed_token_type',
]);
/** No answer of Slack's about this workspace: it is asked again. */
const UNANSWERED = /^(timeout|network_error|ratelimited|invalid_response|http_5\d\d)$/;

/** How long a list of what can be asked waits for the workspace's first answer: a form's trigger is running out. */
const KIND_PATIENCE_MS = 500;

/** Which backend serves a workspace; `unknown` where it could not be asked now. */
export type BackendChoice =
  | { is: 'native' }
  /** `isRetired`: the workspace said so; otherwise it only did not let the app use the Permissions API. */
  | { is: 'oauth'; isRetired: boolean }
  | { is: 'unknown'; error: string; retryAfterMs: number | undefined };

export type ChooseBackend = (workspace: Workspace) => Promise<BackendChoice>;

/**
 * `PERMISSIONS_BACKEND=auto`: asks the workspace, once, whether it knows `apps.permissions.users.list`. Whatever it answers
 * but ok means `oauth`, until the next start.
 */
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
    const about = { team_id: workspace.teamId };
    if (answer.ok) {
      logger.info({ ...about, backend: 'native' }, 'backend chosen');
      return { is: 'native' };
    }
    const { error, retryAfterMs } = answer;
    if (UNANSWERED.test(error) || SLACK_FAULTS.has(error)) return { is: 'unknown', error, retryAfterMs };
    logger.info({ ...about, backend: 'oauth', error }, 'backend chosen');
    return { is: 'oauth', isRetired: RETIRED_ERRORS.has(error) };
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
    async kind(workspace) {
      const choice = await inTime(choose(workspace), KIND_PATIENCE_MS, clock);
      return choice === undefined || choice.is === 'unknown' ? undefined : choice.is;
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
