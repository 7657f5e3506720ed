import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { Metrics } from '../services/metrics/metrics';
import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { SlackTime } from '../services/slack/clock-skew';
import { toBusyAnswerUnread } from './busy';
import type { Delivery, Front } from './front';
import { createBodyReader, type ReadBody } from './read-body';
import { createRefusalLog } from './refusal-log';
import { judgeBody } from './slack-body';

/** Where Slack posts what it has to say. */
export const ENDPOINT = '/slack/events';
const MAX_AGE_SECONDS = 5 * 60;
const MAX_AHEAD_MS = 5 * 60_000;
const FORM = 'application/x-www-form-urlencoded';

/** What is answered where a body could not be read. */
const UNREAD = {
  too_large: { status: 413, sentence: 'The body has over 1 MB.' },
  broken_off: { status: 400, sentence: 'The body broke off.' },
  given_up: { status: 503, sentence: 'Too much is under way. Send it again.' },
} as const;

/** Takes a request from Slack: by `POST /slack/events`, and nothing else. */
export type Gate = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Stamps the arrival, verifies the signature, and lets nothing through that Slack does not send. Bolt's own receiver accepts
 * stamps from the future, replaces bytes that are no UTF-8, and ends the process on a signed `null`.
 *
 * Slack's 200 waits until the front is done with it. So an event is in the database before it is acknowledged, one that
 * failed is sent again, and the exchange of a trigger leaves before the answer.
 */
export function createGate({
  signingSecret,
  front,
  slackTime,
  clock,
  logger,
  metrics,
  readBody = createBodyReader(),
}: {
  signingSecret: string;
  front: Front;
  slackTime: Pick<SlackTime, 'aheadMs'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  readBody?: ReadBody;
}): Gate {
  const logRefusal = createRefusalLog({ clock, logger });

  async function admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAt = clock.now();
    const read = await readBody(request);
    if (read.is !== 'whole') {
      response.setHeader('connection', 'close');
      const { status, sentence } = UNREAD[read.is];
      return refuse(response, status, sentence);
    }
    const { bytes } = read;
    // A charset may stand after it.
    const isForm = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === FORM;
    const refusal = isForm ? toBusyAnswerUnread(bytes) : undefined;
    if (refusal !== undefined && front.isBusy()) return acknowledge(response, refusal);
    const text = decodeUtf8(bytes);
    if (text === undefined) return refuse(response, 400, 'The body is not UTF-8.');

    if (isForm && isCertificateCheck(text)) return answer(response, 200, '');

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
    if (!isSigned({ signingSecret, stamp, body: bytes, signature })) {
      return refuse(response, 401, 'The signature is wrong: check SLACK_SIGNING_SECRET.');
    }

    const verdict = judgeBody(text, isForm);
    if (verdict.is === 'refuse') {
      forbidRetry(response);
      return refuse(response, 400, `Not a request of Slack's: ${verdict.why}.`);
    }
    if (verdict.is === 'acknowledge') {
      if (verdict.type === 'app_rate_limited') {
        logger.error('slack has dropped events of this app: it sends at most 30,000 an hour');
      }
      return answer(response, 200, '');
    }
    const { body } = verdict;
    if (body.type === 'url_verification') return acknowledge(response, { challenge: body.challenge });

    const { retryNum, retryReason } = toRetry(request);
    if (retryNum !== undefined) metrics.redelivered(retryReason ?? '');
    // By our own clock, on which the life of a trigger is counted.
    const arrival = { sentAt: Math.min(stamp * 1_000 + slackTime.aheadMs(), arrivedAt), arrivedAt };
    const taken = await front.take({ body, arrival, retryNum, retryReason });
    if (taken.is === 'acknowledged') {
      acknowledge(response, taken.payload);
    } else if (taken.is === 'unreadable') {
      forbidRetry(response);
      answer(response, 400, taken.why);
    } else if (taken.is === 'busy') answer(response, 503, 'Too much is under way. Send it again.');
    else answer(response, 500, 'This could not be recorded. Send it again.');
  }

  function refuse(response: ServerResponse, status: number, sentence: string): void {
    logRefusal(status, sentence);
    answer(response, status, sentence);
  }

  return async (request, response) => {
    try {
      await admit(request, response);
    } catch (error) {
      logger.error({ err: error }, 'request failed');
      answer(response, 500, 'This could not be handled.');
    }
  };
}

/** Slack looks at the certificate with an unsigned `ssl_check=1`, and the old verification token beside it. */
function isCertificateCheck(form: string): boolean {
  if (!form.includes('ssl_check=1')) return false;
  const { ssl_check, token: _token, ...others } = parse(form);
  return ssl_check === '1' && Object.keys(others).length === 0;
}

function toRetry({ headers }: IncomingMessage): Pick<Delivery, 'retryNum' | 'retryReason'> {
  const number = headers['x-slack-retry-num'];
  const reason = headers['x-slack-retry-reason'];
  return {
    retryNum: number === undefined ? undefined : Number(number),
    retryReason: reason === undefined ? undefined : String(reason),
  };
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  send(response, status, 'text/plain; charset=utf-8', sentence);
}

/** What cannot be read cannot be read the next time either: https://docs.slack.dev/apis/events-api/#turning-retries-off */
function forbidRetry(response: ServerResponse): void {
  response.setHeader('x-slack-no-retry', '1');
}

/** As Bolt answers: nothing, a text, or an object. */
function acknowledge(response: ServerResponse, payload: unknown): void {
  if (payload === undefined || payload === '') send(response, 200, undefined, '');
  else if (typeof payload === 'string') answer(response, 200, payload);
  else send(response, 200, 'application/json', JSON.stringify(payload));
}

/** With its length: Node would send it in chunks. */
function send(response: ServerResponse, status: number, type: string | undefined, body: string): void {
  if (response.headersSent) return;
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, type === undefined ? length : { 'content-type': type, ...length }).end(body);
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
