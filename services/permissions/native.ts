import { Agent } from 'undici';
import type { Clock } from '../clock';
import type { TriggerExchange } from '../trigger/exchange';
import type { PermissionsBackend } from './backend';
import { listUsers } from './users-list';

/**
 * ADAPTER: Slack's Permissions API, by the two seed documents. `apps.permissions.users.request` takes `token`, `scopes`
 * (comma separated), `trigger_id` and `user`, and no other, since Slack answers an unknown argument with an error.
 */
export function createNativeBackend({
  exchange,
  slackApiUrl,
  botToken,
  clock,
}: {
  exchange: TriggerExchange;
  slackApiUrl: string;
  botToken: string;
  clock: Clock;
}): PermissionsBackend & { close(): Promise<void> } {
  const agent = new Agent();
  return {
    request: ({ scopes, trigger }) =>
      exchange.exchange(
        'apps.permissions.users.request',
        { scopes: scopes.join(','), user: trigger.userId },
        trigger,
      ),
    list: (page) => listUsers({ agent, clock, slackApiUrl, botToken }, page),
    close: () => agent.close(),
  };
}
