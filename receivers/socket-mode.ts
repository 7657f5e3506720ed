import type { Receiver } from '@slack/bolt';
import { z } from 'zod';
import type { ProxySettings } from '../services/config/config';
import type { Metrics } from '../services/metrics/metrics';
import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { Deliveries } from './delivery';
import { narrowSlackBody } from './slack-body';
import { createConnection } from './socket-mode/connection';
import { createLinkFactory } from './socket-mode/link';

const envelopeSchema = z.object({
  envelope_id: z.string().min(1),
  // Any other payload becomes an empty object, which is refused below and acknowledged.
  payload: z.record(z.string(), z.unknown()).catch({}),
  accepts_response_payload: z.boolean().default(false),
  retry_attempt: z.number().optional(),
  retry_reason: z.string().optional(),
});

/** Slack reads `payload` like the body of a 200. */
interface Acknowledgement {
  envelope_id: string;
  payload?: object;
}

/**
 * Bolt's receiver for Socket Mode: the app opens the connection, and needs no address of its own.
 * https://docs.slack.dev/apis/events-api/using-socket-mode
 *
 * Bolt's own receiver acknowledges an event before its listener runs, even one that then fails: a crash or a locked database
 * loses it. Here the acknowledgement waits for the listener, as by HTTP, and an event that failed is not acknowledged, so that
 * Slack retries it.
 */
export function createSocketModeReceiver({
  appToken,
  slackApiUrl,
  proxy,
  deliveries,
  clock,
  logger,
  metrics,
}: {
  appToken: string;
  slackApiUrl: string;
  proxy?: ProxySettings;
  deliveries: Deliveries;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): Receiver {
  const createLink = createLinkFactory({ appToken, slackApiUrl, proxy, clock, logger });
  const connection = createConnection({ createLink, take, clock, logger });

  async function take(message: unknown): Promise<Acknowledgement | undefined> {
    // The message does not say when Slack sent it, as a signed HTTP request does. A trigger is older by the time of transport:
    // an exchange may last that much too long, and Slack then refuses it.
    const sentAt = clock.now();
    const { data: envelope } = envelopeSchema.safeParse(message);
    if (envelope === undefined) {
      logger.warn('socket mode message is not an envelope');
      return undefined;
    }
    const {
      envelope_id,
      accepts_response_payload,
      retry_attempt: retryNum,
      retry_reason: retryReason,
    } = envelope;
    const narrowed = narrowSlackBody(envelope.payload);
    if ('why' in narrowed) {
      logger.warn({ why: narrowed.why }, 'malformed payload from slack');
      // A retry cannot help.
      return { envelope_id };
    }
    if (retryNum) metrics.redelivered(retryReason ?? '');
    const arrival = { sentAt, arrivedAt: sentAt };
    const result = await deliveries.take({ body: narrowed.body, arrival, retryNum, retryReason });
    if (result.is === 'failed' || result.is === 'overloaded') return undefined;
    const payload =
      accepts_response_payload && result.is === 'acknowledged' ? toPayload(result.payload) : undefined;
    return { envelope_id, ...(payload && { payload }) };
  }

  return { init: deliveries.init, start: connection.start, stop: connection.stop };
}

/** A text becomes a message, as by HTTP. */
function toPayload(answer: unknown): object | undefined {
  if (typeof answer === 'string') return answer === '' ? undefined : { text: answer };
  return typeof answer === 'object' && answer !== null ? answer : undefined;
}
