import { type FetchFunction, WebClient } from '@slack/web-api';
import type { ProxySettings } from '../config/config';
import type { Metrics } from '../metrics/metrics';
import type { BotTokens } from '../oauth/bot-tokens';
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { toSlackLogger } from '../slack/bolt-logger';
import type { ClockSkew } from '../slack/clock-skew';
import { createFetch } from '../slack/connections';
import { createMessenger, type Messenger } from './messenger';

export interface WebMessengerParts {
  slackApiUrl: string;
  proxy: ProxySettings;
  botTokens: Pick<BotTokens, 'find'>;
  clockSkew: ClockSkew;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** Speaks through Slack's own client. */
export function createWebMessenger(parts: WebMessengerParts): Messenger {
  const { slackApiUrl, botTokens, logger } = parts;
  const fetch = createFetchWithTimeout(parts);
  // One try a call: what is worth repeating is kept, and tried again from there.
  const client = new WebClient(undefined, {
    slackApiUrl,
    logger: toSlackLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch,
  });
  return createMessenger({ client, fetch, botTokens });
}

const MESSAGE_TIMEOUT_MS = 10_000;

/** For messages: `WebClient` knows a timeout, a `response_url` that never answers does not. */
function createFetchWithTimeout({
  metrics: { limited },
  proxy,
  clockSkew,
  clock,
}: Pick<WebMessengerParts, 'metrics' | 'clockSkew' | 'clock' | 'proxy'>): FetchFunction {
  const fetch = createFetch(proxy);
  return async (url, init) => {
    const askedAt = clock.now();
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(MESSAGE_TIMEOUT_MS) });
    clockSkew.observe(response.headers.get('date'), askedAt);
    // The last part of the address of a method is its name; that of a response_url is a secret.
    const [, method = 'response_url'] = /\/api\/([\w.]+)$/.exec(String(url)) ?? [];
    if (response.status === 429) limited(method);
    return response;
  };
}
