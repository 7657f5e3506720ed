import type { TriggerExchange } from '../trigger/exchange';
import type { PermissionsBackend } from './backend';

/**
 * ADAPTER: Slack's Permissions API, by the seed document of `apps.permissions.users.request`: the arguments `token`,
 * `scopes` (comma separated), `trigger_id` and `user`, and no other, since Slack answers an unknown one with an error.
 */
export function createNativeBackend({ exchange }: { exchange: TriggerExchange }): PermissionsBackend {
  return {
    request: ({ scopes, trigger }) =>
      exchange.exchange(
        'apps.permissions.users.request',
        { scopes: scopes.join(','), user: trigger.userId },
        trigger,
      ),
  };
}
