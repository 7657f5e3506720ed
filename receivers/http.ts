import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { Receiver } from '@slack/bolt';
import type { Metrics } from '../services/metrics/metrics';
import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { ClockSkew } from '../services/slack/clock-skew';
import type { Deliveries, Delivery } from './delivery';
import { toOverloadedAnswerUnread } from './overload';
import { createBodyReader, type ReadBody } from './read-body';
import { createRefusalLog } from './refusal-log';
import { readSlackBody } from './slack-body';

/** The path of the Request URL in the app's settings. */
export const ENDPOINT = '/slack/events';
const MAX_AGE_SECONDS = 5 * 60;
const MAX_AHEAD_MS = 5 * 60_000;
const FORM = 'application/x-www-form-urlencoded';

/** Answers where a body could not be read. */
const UNREAD = {
  too_large: { status: 413, sentence: 'The body has over 1 MB.' },
  broken_off: { status: 400, sentence: 'The body broke off.' },
  given_up: { status: 503, sentence: 'Too much is under way. Send it again.' },
} as const;

/**
 * Bolt's receiver for signed HTTP, on the web server that also serves the pages. It differs from Bolt's own in three ways:
 * an event is acknowledged once it is in the database; requests that Slack never sends are refused before Bolt fails on them (a
 * timestamp in the future, bytes that are not UTF-8, a signed `null`); and while the app is overloaded, users are told so.
 */
export function createHttpReceiver({
  signingSecret,
  server,
  deliveries,
  clockSkew,
  clock,
  logger,
  metrics,
  readBody = createBodyReader(),
}: {
  signingSecret: string;
  server: { add(routes: readonly { path: string; method: string; handler: Handler }[]): void };
  deliveries: Deliveries;
  clockSkew: Pick<ClockSkew, 'aheadMs'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  readBody?: ReadBody;
}): Receiver {
  const logRefusal = createRefusalLog({ clock, logger });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAt = clock.now();
    const read = await readBody(request);
    if (read.is !== 'whole') {
      response.setHeader('connection', 'close');
      const { status, sentence } = UNREAD[read.is];
      return refuse(response, status, sentence);
    }
    const { bytes } = read;
    // A charset may follow.
    const isForm = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === FORM;
    const overloaded = isForm ? toOverloadedAnswerUnread(bytes) : undefined;
    if (overloaded !== undefined && deliveries.isOverloaded()) {
      deliveries.countShed();
      return acknowledge(response, overloaded);
    }
    const text = decodeUtf8(bytes);
    if (text === undefined) return refuse(response, 400, 'The body is not UTF-8.');
    if (isForm && isCertificateCheck(text)) return answer(response, 200, '');

    const stamp = Number(request.headers['x-slack-request-timestamp']);
    const signature = request.headers['x-slack-signature'];
    const forgery = findForgery({ signingSecret, stamp, signature, body: bytes, arrivedAt });
    if (forgery !== undefined) return refuse(response, 401, forgery);
    const narrowed = readSlackBody(text, isForm);
    if ('why' in narrowed) {
      forbidRetry(response);
      return refuse(response, 400, `Not a request of Slack's: ${narrowed.why}.`);
    }

    const { retryNum, retryReason } = toRetry(request);
    if (retryNum !== undefined) metrics.redelivered(retryReason ?? '');
    // Converted to our own clock, by which a trigger's age is computed.
    const arrival = { sentAt: Math.min(stamp * 1_000 + clockSkew.aheadMs(), arrivedAt), arrivedAt };
    const result = await deliveries.take({ body: narrowed.body, arrival, retryNum, retryReason });
    if (result.is === 'acknowledged') {
      acknowledge(response, result.payload);
    } else if (result.is === 'unreadable') {
      forbidRetry(response);
      answer(response, 400, result.why);
    } else if (result.is === 'overloaded') answer(response, 503, 'Too much is under way. Send it again.');
    else answer(response, 500, 'This could not be recorded. Send it again.');
  }

  function refuse(response: ServerResponse, status: number, sentence: string): void {
    logRefusal(status, sentence);
    answer(response, status, sentence);
  }

  return {
    init: deliveries.init,
    async start() {
      server.add([{ path: ENDPOINT, method: 'POST', handler: receive }]);
    },
    stop: deliveries.settled,
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Why a request is not accepted as Slack's; undefined where it is. https://docs.slack.dev/authentication/verifying-requests-from-slack */
function findForgery({
  stamp,
  arrivedAt,
  ...signed
}: Parameters<typeof isSigned>[0] & { arrivedAt: number }): string | undefined {
  if (!Number.isSafeInteger(stamp)) return 'The request is not signed.';
  if (stamp * 1_000 > arrivedAt + MAX_AHEAD_MS)
    return 'The request is dated over five minutes ahead: check the clock of this machine.';
  if (stamp < Math.floor(arrivedAt / 1_000) - MAX_AGE_SECONDS)
    return 'The request is over five minutes old: check the clock of this machine.';
  return isSigned({ stamp, ...signed }) ? undefined : 'The signature is wrong: check SLACK_SIGNING_SECRET.';
}

/** Slack checks the certificate with an unsigned `ssl_check=1`, beside the old verification token. */
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

/** For a request that cannot be read, since a retry cannot be read either: https://docs.slack.dev/apis/events-api/#turning-retries-off */
function forbidRetry(response: ServerResponse): void {
  response.setHeader('x-slack-no-retry', '1');
}

/** Answers as Bolt does: with nothing, a text, or an object. */
function acknowledge(response: ServerResponse, payload: unknown): void {
  if (payload === undefined || payload === '') send(response, 200, undefined, '');
  else if (typeof payload === 'string') answer(response, 200, payload);
  else send(response, 200, 'application/json', JSON.stringify(payload));
}

/** Sets the length: without one, Node sends chunks. */
function send(response: ServerResponse, status: number, type: string | undefined, body: string): void {
  if (response.headersSent) return;
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, type === undefined ? length : { 'content-type': type, ...length }).end(body);
}

/**
 * Whether Slack signed the body: https://docs.slack.dev/authentication/verifying-requests-from-slack. Compares in
 * constant time. Bolt's own function makes a key and two more hashes for the comparison.
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
