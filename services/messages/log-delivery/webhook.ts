import { createHmac } from 'node:crypto';
import type { AuditWebhook, ProxySettings } from '../../config/config';
import type { LogEntry } from '../../grants/log/entry';
import { toLogRecord } from '../../grants/log/print';
import { toBackoffMs } from '../../runtime/backoff';
import type { Clock } from '../../runtime/clock';
import { openConnections, toServerAddress } from '../../slack/connections';
import { MAX_RETRY_AFTER_MS, readRetryAfterMs } from '../../slack/rate-limit';
import { type DeliveryResult, type LogDestination, MAX_WAIT_MS } from './destination';

const BACKOFF = { firstMs: 1_000, longestMs: MAX_WAIT_MS };
const TIMEOUT_MS = 10_000;
/** Only the status of a response matters; the connection of a longer one is closed. */
const MAX_RESPONSE_BYTES = 16_384;

/**
 * ADAPTER: posts each entry, signed by Standard Webhooks, until it gets a 2xx:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function createWebhookDestination({
  webhook,
  proxy,
  clock,
}: {
  webhook: AuditWebhook;
  proxy: ProxySettings;
  clock: Clock;
}): LogDestination {
  // Separate connections: a receiver that is slow or down delays nothing else.
  const connections = openConnections(proxy);
  const to = toServerAddress(webhook.url);

  async function post(entry: LogEntry): Promise<{ error?: string; retryAfterMs?: number | undefined }> {
    const body = toBody(entry);
    const abort = new AbortController();
    const timer = clock.setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await connections.post(to, {
        headers: {
          'content-type': 'application/json',
          'user-agent': 'scopekeeper',
          ...toHeaders(entry, body, { secret: webhook.secret, nowMs: clock.now() }),
        },
        body,
        signal: abort.signal,
      });
      const { statusCode: status, headers } = response;
      // A failure while draining the body must not turn a success into a retry.
      await response.body.dump({ limit: MAX_RESPONSE_BYTES, signal: abort.signal }).catch(() => undefined);
      if (status >= 200 && status < 300) return {};
      return { error: `http_${status}`, retryAfterMs: toRetryAfterMs(headers['retry-after'], clock.now()) };
    } catch {
      return { error: abort.signal.aborted ? 'timeout' : 'network_error' };
    } finally {
      timer.cancel();
    }
  }

  return {
    name: 'webhook',
    teams: 'all',
    batchSize: 1,
    pauseMs: 0,
    async deliver(_teamId, entries, attempts): Promise<DeliveryResult> {
      const [entry] = entries;
      if (entry === undefined) return { is: 'delivered', count: 0 };
      const { error, retryAfterMs } = await post(entry);
      if (error === undefined) return { is: 'delivered', count: 1 };
      return { is: 'failed', error, inMs: retryAfterMs ?? toBackoffMs(attempts + 1, BACKOFF) };
    },
    close: connections.close,
  };
}

/** The same at every attempt, as the id is: a receiver can recognise a repetition. */
function toBody(entry: LogEntry): string {
  return JSON.stringify({ type: 'grant_log.entry', timestamp: entry.at, data: toLogRecord(entry) });
}

function toHeaders(
  { teamId, seq, hash }: LogEntry,
  body: string,
  { secret, nowMs }: { secret: Buffer; nowMs: number },
): Record<string, string> {
  // Restored from a backup, a database gives a `seq` out again: the hash tells the two entries apart.
  const id = `grant_log_${teamId}_${seq}_${hash.slice(0, 16)}`;
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

function toRetryAfterMs(header: unknown, nowMs: number): number | undefined {
  const ms = readRetryAfterMs(header, nowMs);
  return ms === undefined ? undefined : Math.min(Math.max(ms, 1_000), MAX_RETRY_AFTER_MS);
}
