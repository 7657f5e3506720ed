import type { Config } from '../../config/config';
import { createChannelDestination } from './channel';
import type { LogDestination } from './destination';
import { createWebhookDestination } from './webhook';

/** Where the grant log is told, as it was configured: nowhere, in a channel, at an address, or both. */
export function createConfiguredDestinations({
  config: { auditChannel: channel, auditWebhook: webhook, proxy },
  clock,
  ...forChannel
}: { config: Config } & Omit<Parameters<typeof createChannelDestination>[0], 'channel'>): LogDestination[] {
  return [
    ...(channel === undefined ? [] : [createChannelDestination({ channel, clock, ...forChannel })]),
    ...(webhook === undefined ? [] : [createWebhookDestination({ webhook, proxy, clock })]),
  ];
}
