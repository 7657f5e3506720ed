import type { BotTokens } from '../oauth/bot-tokens';
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { inTime } from '../runtime/with-timeout';
import { type Failure, passes, toFailure } from '../slack/errors';
import type { CallSlack } from '../slack/web-api';
import type { Workspace } from '../slack/workspace';
import type { PermissionsBackend } from './backend';
import { whileAlive } from './exchange/while-alive';

/** How long a list of what can be asked waits for the workspace's first answer: a form's trigger is running out. */
const KIND_PATIENCE_MS = 500;

/** Which backend serves a workspace; `unknown` where it could not be asked now. */
export type BackendChoice =
  | { is: 'native' }
  /** `isRetired`: the workspace said so; otherwise it only did not let the app use the Permissions API. */
  | { is: 'oauth'; isRetired: boolean }
  | { is: 'unknown'; failure: Failure };

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
    if ('error' in found) return { is: 'unknown', failure: toFailure(found.error) };
    const answer = await callSlack('apps.permissions.users.list', { token: found.token, limit: '1' });
    const about = { team_id: workspace.teamId };
    if (answer.ok) {
      logger.info({ ...about, backend: 'native' }, 'backend chosen');
      return { is: 'native' };
    }
    if (passes(answer.cause)) return { is: 'unknown', failure: answer };
    logger.info({ ...about, backend: 'oauth', error: answer.error }, 'backend chosen');
    return { is: 'oauth', isRetired: answer.cause === 'retired' };
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
      if (choice === undefined) return toFailure('no_time_left');
      if (choice.is === 'unknown') return toFailure(choice.failure.error);
      return (choice.is === 'native' ? native : oauth).request(prompt);
    },
    async kind(workspace) {
      const choice = await inTime(choose(workspace), KIND_PATIENCE_MS, clock);
      return choice === undefined || choice.is === 'unknown' ? undefined : choice.is;
    },
    async list(page) {
      const choice = await choose(page.workspace);
      if (choice.is === 'unknown') return choice.failure;
      return (choice.is === 'native' ? native : oauth).list(page);
    },
  };
}
