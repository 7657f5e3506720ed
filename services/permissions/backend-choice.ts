import type { BotTokens } from '../oauth/bot-tokens';
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { withTimeout } from '../runtime/with-timeout';
import { type Failure, isTransient, toFailure } from '../slack/errors';
import { beforeTriggerExpires } from '../slack/trigger';
import type { CallSlack } from '../slack/web-api';
import type { Workspace } from '../slack/workspace';
import type { PermissionsBackend } from './backend';

/** How long a list of scopes waits for the workspace's first answer, since a form's trigger is running out. */
const KIND_TIMEOUT_MS = 500;

/** Which backend serves a workspace; `unknown` where Slack could not be asked now. */
export type BackendChoice =
  | { is: 'native' }
  /** `isRetired`: Slack has retired the Permissions API there; otherwise it only refused the app. */
  | { is: 'oauth'; isRetired: boolean }
  | { is: 'unknown'; failure: Failure };

export type ChooseBackend = (workspace: Workspace) => Promise<BackendChoice>;

/**
 * `PERMISSIONS_BACKEND=auto`: asks the workspace, once, whether it knows `apps.permissions.users.list`. Any answer of
 * Slack's but ok means `oauth`, until the next start.
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
  const choices = new Map<string, Promise<BackendChoice>>();

  async function ask(workspace: Workspace): Promise<BackendChoice> {
    const found = await botTokens.find(workspace);
    if ('error' in found) return { is: 'unknown', failure: toFailure(found.error) };
    const answer = await callSlack('apps.permissions.users.list', { token: found.token, limit: '1' });
    const about = { team_id: workspace.teamId };
    if (answer.ok) {
      logger.info({ ...about, backend: 'native' }, 'backend chosen');
      return { is: 'native' };
    }
    if (isTransient(answer.cause)) return { is: 'unknown', failure: answer };
    logger.info({ ...about, backend: 'oauth', error: answer.error }, 'backend chosen');
    return { is: 'oauth', isRetired: answer.cause === 'retired' };
  }

  function askAndCache(workspace: Workspace): Promise<BackendChoice> {
    const asked = ask(workspace);
    choices.set(workspace.teamId, asked);
    const evict = () => choices.delete(workspace.teamId);
    asked.then((choice) => choice.is === 'unknown' && evict(), evict);
    return asked;
  }

  return (workspace) => choices.get(workspace.teamId) ?? askAndCache(workspace);
}

/** ADAPTER: the backend that the workspace has. Until that is known, the error is that of asking for it. */
export function createChosenBackend({
  choose,
  clock,
  ...backends
}: {
  choose: ChooseBackend;
  native: PermissionsBackend;
  oauth: PermissionsBackend;
  clock: Clock;
}): PermissionsBackend {
  return {
    async request(prompt) {
      // The first choice takes a call to Slack: a trigger waits for it no longer than it lives.
      const choice = await beforeTriggerExpires(prompt.trigger, clock, choose(prompt.trigger));
      if (choice === undefined) return toFailure('no_time_left');
      if (choice.is === 'unknown') return toFailure(choice.failure.error);
      return backends[choice.is].request(prompt);
    },
    async kind(workspace) {
      const choice = await withTimeout(choose(workspace), KIND_TIMEOUT_MS, clock);
      return choice === undefined || choice.is === 'unknown' ? undefined : choice.is;
    },
    async list(page) {
      const choice = await choose(page.workspace);
      return choice.is === 'unknown' ? choice.failure : backends[choice.is].list(page);
    },
  };
}
