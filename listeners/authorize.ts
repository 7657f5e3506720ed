import type { AnyMiddlewareArgs, AuthorizeResult, AuthorizeSourceData } from '@slack/bolt';
import type { BotTokens } from '../services/oauth/bot-tokens';
import type { Clock } from '../services/runtime/clock';
import { withTimeout } from '../services/runtime/with-timeout';
import { ids } from './blocks/ids';
import { toRoute } from './router';

/** A listener waits no longer than this for a token. */
const PATIENCE_MS = 150;

/** Our own gestures: their listeners call Slack through services, so that their triggers must not wait for a token here. */
const OURS = new Set([
  `command ${ids.command}`,
  ...Object.values(ids.actions).map((id) => `block_actions ${id}`),
  `dialog_submission ${ids.dialog}`,
  `view_submission ${ids.view}`,
  `shortcut ${ids.shortcut}`,
]);

/**
 * Bolt's `authorize`: the app's token for the workspace, for listeners that call Slack by `client` or `say`, and its bot user
 * where Slack names it. Where no token is found it answers without one, and never throws: Bolt would acknowledge an event
 * that no listener has seen.
 */
export function createAuthorize({ botTokens, clock }: { botTokens: Pick<BotTokens, 'find'>; clock: Clock }) {
  return async (
    { teamId, enterpriseId }: AuthorizeSourceData<boolean>,
    body?: AnyMiddlewareArgs['body'],
  ): Promise<AuthorizeResult> => {
    if (body !== undefined && OURS.has(toRoute(body))) return {};
    const workspace = { teamId: teamId ?? enterpriseId ?? '', enterpriseId };
    try {
      const finding = botTokens.find(workspace);
      const found = finding instanceof Promise ? await withTimeout(finding, PATIENCE_MS, clock) : finding;
      return {
        ...(found !== undefined && 'token' in found && { botToken: found.token }),
        botUserId: findBotUserId(body),
      };
    } catch {
      return {};
    }
  };
}

/** In an event; a gesture does not say it. */
function findBotUserId(body: AnyMiddlewareArgs['body'] | undefined): string | undefined {
  if (body === undefined || !('authorizations' in body)) return undefined;
  const [authorization] = body.authorizations ?? [];
  return authorization?.is_bot ? authorization.user_id : undefined;
}
