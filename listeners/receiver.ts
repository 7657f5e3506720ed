import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type BufferedIncomingMessage,
  type CustomRoute,
  HTTPModuleFunctions,
  HTTPReceiver,
} from '@slack/bolt';
import type { Clock } from '../services/clock';
import { PayloadError } from '../services/errors';
import { type Logger, toSlackLogger } from '../services/logger';
import type { Metrics } from '../services/metrics/metrics';
import type { Arrival } from './arrival';
import type { Asks } from './asks';
import { judgeBody } from './slack-body';

const ENDPOINT = '/slack/events';
const BODY_LIMIT_BYTES = 1_000_000;
const MAX_AGE_SECONDS = 5 * 60;
const MAX_AHEAD_MS = 5 * 60_000;
const FORM = 'application/x-www-form-urlencoded';

/**
 * Bolt's HTTPReceiver behind a gate of ours. The gate stamps the arrival, verifies the signature, and lets nothing
 * through that Bolt would choke on: it accepts stamps from the future, replaces bytes that are no UTF-8, and ends the
 * process on a signed `null`.
 *
 * `processBeforeResponse` holds Slack's 200 back until the listener is done. So an event is in the database before it is
 * acknowledged, a listener that fails makes Slack send it again, and the exchange of a trigger leaves before the answer.
 */
export function createReceiver({
  signingSecret,
  port,
  routes,
  asks,
  clock,
  logger,
  metrics,
}: {
  signingSecret: string;
  port: number;
  routes: CustomRoute[];
  asks: Asks;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): HTTPReceiver {
  const times = new WeakMap<IncomingMessage, Arrival>();

  const receiver = new HTTPReceiver({
    signingSecret,
    // The gate has verified it. Without the gate nothing reaches this receiver: it takes over `requestListener` below.
    signatureVerification: false,
    endpoints: ENDPOINT,
    port,
    customRoutes: routes,
    processBeforeResponse: true,
    logger: toSlackLogger(logger),
    customPropertiesExtractor: (request) => ({ ...times.get(request) }),
    dispatchErrorHandler: ({ response }) => answer(response, 404, 'Not found.'),
    processEventErrorHandler: async ({ error, response }) => {
      if (error instanceof PayloadError) {
        logger.error({ why: error.message }, 'slack sent something that cannot be read');
        answer(response, 400, error.message);
      } else {
        logger.error({ err: error }, 'an event could not be recorded: slack will send it again');
        answer(response, 500, 'This could not be recorded. Send it again.');
      }
      return true;
    },
  });
  const deliver = receiver.requestListener;

  async function admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAt = clock.now();
    let buffered: BufferedIncomingMessage;
    try {
      buffered = await HTTPModuleFunctions.bufferIncomingMessage(request, BODY_LIMIT_BYTES);
    } catch (error) {
      const tooLarge = HTTPModuleFunctions.isRawBodyError(error) && error.statusCode === 413;
      response.setHeader('connection', 'close');
      return refuse(
        response,
        tooLarge ? 413 : 400,
        tooLarge ? 'The body has over 1 MB.' : 'The body broke off.',
      );
    }

    const text = decodeUtf8(buffered.rawBody);
    if (text === undefined) return refuse(response, 400, 'The body is not UTF-8.');
    const isForm = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === FORM;
    // Bolt compares the whole header; a charset after it is as good.
    if (isForm) request.headers['content-type'] = FORM;

    // Slack checks the certificate with an unsigned `ssl_check=1`; there is nothing else in it.
    if (text === 'ssl_check=1' && isForm) return answer(response, 200, '');

    const stamp = Number(request.headers['x-slack-request-timestamp']);
    if (!Number.isSafeInteger(stamp)) return refuse(response, 401, 'The request is not signed.');
    if (stamp * 1_000 > arrivedAt + MAX_AHEAD_MS) {
      return refuse(
        response,
        401,
        'The request is dated over five minutes ahead: check the clock of this machine.',
      );
    }
    if (stamp < Math.floor(arrivedAt / 1_000) - MAX_AGE_SECONDS) {
      return refuse(response, 401, 'The request is over five minutes old: check the clock of this machine.');
    }
    const signature = request.headers['x-slack-signature'];
    if (!isSigned({ signingSecret, stamp, body: buffered.rawBody, signature })) {
      return refuse(response, 401, 'The signature is wrong: check SLACK_SIGNING_SECRET.');
    }

    const verdict = judgeBody(text, isForm);
    if (verdict.is === 'refuse') return refuse(response, 400, `Not a request of Slack's: ${verdict.why}.`);
    if (verdict.is === 'acknowledge') {
      if (verdict.type === 'app_rate_limited') {
        logger.error('slack has dropped events of this app: it sends at most 30,000 an hour');
      }
      return answer(response, 200, '');
    }
    const arrival = { sentAt: Math.min(stamp * 1_000, arrivedAt), arrivedAt };
    const taken = asks.take(verdict.body, arrival);
    if (taken !== undefined) return acknowledge(response, await taken);
    times.set(request, arrival);
    if (request.headers['x-slack-retry-num'] !== undefined)
      metrics.redelivered(String(request.headers['x-slack-retry-reason']));
    deliver(buffered, response);
  }

  function refuse(response: ServerResponse, status: number, sentence: string): void {
    logger.warn({ status, sentence }, 'request refused');
    answer(response, status, sentence);
  }

  const served = new Set(routes.map((route) => route.path));

  receiver.requestListener = (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    if (request.method === 'POST' && path === ENDPOINT) {
      admit(request, response).catch((error: unknown) => {
        logger.error({ err: error }, 'request failed');
        answer(response, 500, 'This could not be handled.');
      });
    } else if (served.has(path)) {
      deliver(request, response);
    } else {
      // To the letter: Bolt would read `/./slack/events` as its endpoint, and the gate is not on that way.
      answer(response, 404, 'Not found.');
    }
  };
  return receiver;
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(sentence);
}

function acknowledge(response: ServerResponse, body: object | undefined): void {
  if (body === undefined) response.writeHead(200).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/**
 * Whether Slack signed the body: https://docs.slack.dev/authentication/verifying-requests-from-slack. The comparison takes
 * as long for a wrong signature as for the right one. Bolt's own function makes a key and two more hashes to compare by.
 */
function isSigned({
  signingSecret,
  stamp,
  body,
  signature,
}: {
  signingSecret: string;
  stamp: number;
  body: Buffer;
  signature: string | string[] | undefined;
}): boolean {
  if (typeof signature !== 'string') return false;
  const hash = createHmac('sha256', signingSecret).update(`v0:${stamp}:`).update(body).digest('hex');
  const [right, given] = [Buffer.from(`v0=${hash}`), Buffer.from(signature)];
  return right.length === given.length && timingSafeEqual(right, given);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
