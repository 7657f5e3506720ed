import { type App, type Receiver, ReceiverMultipleAckError } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../services/clock';
import { PayloadError } from '../services/errors';
import type { Logger } from '../services/logger';
import { type Metrics, noMetrics } from '../services/metrics/metrics';
import type { Asks } from './asks';
import { judgeParsedBody } from './slack-body';
import { createConnection } from './socket-mode/connection';
import { createLinkFactory } from './socket-mode/link';

const envelopeSchema = z.object({
  envelope_id: z.string().min(1),
  // Something else is refused further on, as an object without what Slack sends, and acknowledged.
  payload: z.record(z.string(), z.unknown()).catch({}),
  accepts_response_payload: z.boolean().default(false),
  retry_attempt: z.number().optional(),
  retry_reason: z.string().optional(),
});

type Envelope = z.infer<typeof envelopeSchema>;

/** Slack takes it as it takes the body of a 200. */
interface Acknowledgement {
  envelope_id: string;
  payload?: object;
}

/**
 * Socket Mode: the app opens the connection, and needs no address of its own.
 * https://docs.slack.dev/apis/events-api/using-socket-mode
 *
 * Bolt's own receiver acknowledges an event before its listener runs, and one that failed as well: a crash or a locked
 * database loses it. Here the acknowledgement waits for the listener, as by HTTP. An event is in the database before it is
 * acknowledged, and what failed is not acknowledged, so that Slack sends it again.
 */
export function createSocketReceiver({
  appToken,
  slackApiUrl,
  asks,
  clock,
  logger,
  metrics = noMetrics,
}: {
  appToken: string;
  slackApiUrl: string;
  asks: Asks;
  clock: Clock;
  logger: Logger;
  metrics?: Metrics;
}): Receiver {
  let app: App | undefined;
  const createLink = createLinkFactory({ appToken, slackApiUrl, clock, logger });
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
    const verdict = judgeParsedBody(envelope.payload);
    if (verdict.is === 'deliver') {
      const { envelope_id, accepts_response_payload: takesPayload } = envelope;
      const taken = asks.take(verdict.body, { sentAt, arrivedAt: sentAt });
      if (taken === undefined) return await deliver(envelope, sentAt);
      const payload = await taken;
      return payload !== undefined && takesPayload ? { envelope_id, payload } : { envelope_id };
    }
    if (verdict.is === 'refuse') {
      logger.warn({ why: verdict.why }, 'slack sent something that cannot be read');
    } else if (verdict.type === 'app_rate_limited') {
      logger.error('slack has dropped events of this app: it sends at most 30,000 an hour');
    }
    // To send it again cannot help.
    return { envelope_id: envelope.envelope_id };
  }

  async function deliver(envelope: Envelope, sentAt: number): Promise<Acknowledgement | undefined> {
    const { envelope_id, payload: body, accepts_response_payload: takesPayload } = envelope;
    let answer: { payload: unknown } | undefined;
    if (envelope.retry_attempt) metrics.redelivered(envelope.retry_reason ?? '');
    try {
      await app?.processEvent({
        body,
        async ack(payload: unknown) {
          if (answer !== undefined) throw new ReceiverMultipleAckError();
          answer = { payload };
        },
        retryNum: envelope.retry_attempt,
        retryReason: envelope.retry_reason,
        customProperties: { sentAt, arrivedAt: sentAt },
      });
    } catch (error) {
      if (error instanceof PayloadError) {
        logger.error({ why: error.message }, 'slack sent something that cannot be read');
        return { envelope_id };
      }
      logger.error({ err: error }, 'an event could not be recorded: slack will send it again');
      return undefined;
    }
    if (answer === undefined) {
      logger.warn({ type: body.type }, 'no listener acknowledged what slack sent');
      return undefined;
    }
    const payload = takesPayload ? toPayload(answer.payload) : undefined;
    return payload === undefined ? { envelope_id } : { envelope_id, payload };
  }

  return {
    init(bolt) {
      app = bolt;
    },
    start: connection.start,
    stop: connection.stop,
  };
}

/** A text is a message, as by HTTP. */
function toPayload(answer: unknown): object | undefined {
  if (typeof answer === 'string') return answer === '' ? undefined : { text: answer };
  return typeof answer === 'object' && answer !== null ? answer : undefined;
}
