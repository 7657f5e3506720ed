import type { BotTokens } from '../oauth/bot-tokens';
import { toFailure } from '../slack/errors';
import type { CallSlack } from '../slack/web-api';
import type { PermissionsBackend } from './backend';
import type { TriggerExchange } from './exchange/exchange';
import { listUsers } from './users-list';

/**
 * ADAPTER: Slack's Permissions API, by the two seed documents. `apps.permissions.users.request` takes `token`, `scopes`
 * (comma separated), `trigger_id` and `user`, and no other, since Slack answers an unknown argument with an error.
 */
export function createNativeBackend({
  exchange,
  callSlack,
  botTokens,
}: {
  exchange: TriggerExchange;
  callSlack: CallSlack;
  botTokens: Pick<BotTokens, 'find'>;
}): PermissionsBackend {
  return {
    kind: async () => 'native',
    request: ({ scopes, trigger }) =>
      exchange.exchange(
        'apps.permissions.users.request',
        { scopes: scopes.join(','), user: trigger.userId },
        trigger,
      ),
    async list({ workspace, cursor, limit }) {
      const found = await botTokens.find(workspace);
      if ('error' in found) return toFailure(found.error);
      return listUsers(callSlack, { token: found.token, cursor, limit });
    },
  };
}
