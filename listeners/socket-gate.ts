import { z } from 'zod';
import { createConnection } from '../receivers/socket-mode/connection';
import { createLinkFactory } from '../receivers/socket-mode/link';
import type { ProxySettings } from '../services/config/config';
import { type Metrics, noMetrics } from '../services/metrics/metrics';
import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { Front } from './front';
import { judgeParsedBody } from './slack-body';

const envelopeSchema = z.object({
  envelope_id: z.string().min(1),
  // Something else is refused further on, as an object without what Slack sends, and acknowledged.
  payload: z.record(z.string(), z.unknown()).catch({}),
  accepts_response_payload: z.boolean().default(false),
  retry_attempt: z.number().optional(),
  retry_reason: z.string().optional(),
});

/** Slack takes it as it takes the body of a 200. */
interface Acknowledgement {
  envelope_id: string;
  payload?: object;
}

/** The connection to Slack, kept up from the one to the other. */
export interface SocketGate {
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
}

/**
 * Socket Mode: the app opens the connection, and needs no address of its own.
 * https://docs.slack.dev/apis/events-api/using-socket-mode
 *
 * Bolt's own receiver acknowledges an event before its listener runs, and one that failed as well: a crash or a locked
 * database loses it. Here the acknowledgement waits for the listener, as by HTTP. An event is in the database before it is
 * acknowledged, and what failed is not acknowledged, so that Slack sends it again.
 */
export function createSocketGate({
  appToken,
  slackApiUrl,
  proxy,
  front,
  clock,
  logger,
  metrics = noMetrics,
}: {
  appToken: string;
  slackApiUrl: string;
  proxy?: ProxySettings;
  front: Front;
  clock: Clock;
  logger: Logger;
  metrics?: Metrics;
}): SocketGate {
  const createLink = createLinkFactory({ appToken, slackApiUrl, proxy, clock, logger });
  const connection = createConnection({ createLink, take, clock, logger });

  async function take(message: unknown): Promise<Acknowledgement | undefined> {
    // Nothing in the message says when Slack sent it. A trigger is older by the way it came, which by HTTP is known: the
    // exchange may go on that much longer than the trigger lives, and Slack then refuses it.
    const sentAt = clock.now();
    const { data: envelope } = envelopeSchema.safeParse(message);
    if (envelope === undefined) {
      logger.warn('slack sent a message that is no envelope');
      return undefined;
    }
    const { envelope_id, accepts_response_payload: takesPayload } = envelope;
    const verdict = judgeParsedBody(envelope.payload);
    if (verdict.is === 'refuse') {
      logger.warn({ why: verdict.why }, 'slack sent something that cannot be read');
    } else if (verdict.is === 'acknowledge') {
      if (verdict.type === 'app_rate_limited')
        logger.error('slack has dropped events of this app: it sends at most 30,000 an hour');
    } else {
      const { retry_attempt: retryNum, retry_reason: retryReason } = envelope;
      if (retryNum) metrics.redelivered(retryReason ?? '');
      const arrival = { sentAt, arrivedAt: sentAt };
      const taken = await front.take({ body: verdict.body, arrival, retryNum, retryReason });
      if (taken.is === 'failed' || taken.is === 'busy') return undefined;
      const payload = takesPayload && taken.is === 'acknowledged' ? toPayload(taken.payload) : undefined;
      if (payload !== undefined) return { envelope_id, payload };
    }
    // To send it again cannot help, or need not.
    return { envelope_id };
  }

  return { start: connection.start, stop: connection.stop };
}

/** A text is a message, as by HTTP. */
function toPayload(answer: unknown): object | undefined {
  if (typeof answer === 'string') return answer === '' ? undefined : { text: answer };
  return typeof answer === 'object' && answer !== null ? answer : undefined;
}
