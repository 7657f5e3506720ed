import type { Config } from '../../config/config';
import { createChannelSink } from './channel';
import type { Sink } from './sink';
import { createWebhookSink } from './webhook';

/** Where the grant log is told, as it was configured: nowhere, in a channel, at an address, or both. */
export function createConfiguredSinks({
  config: { auditChannel: channel, auditWebhook: webhook, proxy },
  clock,
  ...forChannel
}: { config: Config } & Omit<Parameters<typeof createChannelSink>[0], 'channel'>): Sink[] {
  return [
    ...(channel === undefined ? [] : [createChannelSink({ channel, clock, ...forChannel })]),
    ...(webhook === undefined ? [] : [createWebhookSink({ webhook, proxy, clock })]),
  ];
}
