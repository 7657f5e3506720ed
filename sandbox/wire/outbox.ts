import { setMaxListeners } from 'node:events';
import { toEnvelope } from '../socket/envelope';
import type { Sockets } from '../socket/sockets';
import type { Delivery, JsonObject, SandboxClock } from '../types';
import type { Activity } from './activity';
import { httpPost, type PostOutcome } from './http-post';
import type { Journal } from './journal';
import { signatureHeaders } from './signature';

/** Slack waits this long for an app's answer. */
export const ANSWER_TIMEOUT_MS = 3_000;

export interface Outgoing {
  kind: Delivery['kind'];
  body: string;
  contentType: string;
  payload: JsonObject;
  /** Whole seconds; default: now. */
  timestamp?: number;
  /** 1 unless an event is sent again. */
  attempt?: number;
  /** Why it is: Slack's name for what became of the attempt before. */
  retryReason?: string;
}

/** One way over the wire, ready to go. */
interface Crossing {
  transport: Delivery['transport'];
  body: string;
  headers: Record<string, string>;
  send: () => Promise<PostOutcome>;
}

interface Dependencies {
  clock: SandboxClock;
  journal: Journal;
  activity: Activity;
  sockets: Sockets;
  signingSecret: string;
  requestUrl: string | undefined;
}

export type Outbox = ReturnType<typeof createOutbox>;

/** Gives the app what Slack sends, by socket or by signed post, and keeps what came of it. */
export function createOutbox(dependencies: Dependencies) {
  const { clock, journal, activity, sockets, signingSecret } = dependencies;
  const closing = new AbortController();
  // Each post in flight listens, and there may be hundreds.
  setMaxListeners(0, closing.signal);
  let requestUrl = dependencies.requestUrl;

  /** Slack has a setting for it; here the app chooses by opening a socket. */
  function toCrossing(outgoing: Outgoing): Crossing {
    if (sockets.count() > 0) return bySocket(outgoing);
    if (requestUrl) return byHttp(outgoing, requestUrl);
    if (sockets.wasUsed()) return bySocket(outgoing);
    throw new Error(
      'The sandbox does not know where the app listens: call setRequestUrl(url) first, or let the app open a socket.',
    );
  }

  function bySocket({ kind, payload, attempt = 1, retryReason }: Outgoing): Crossing {
    const envelope = toEnvelope({ kind, payload, attempt, retryReason });
    const body = JSON.stringify(envelope);
    const send = () => sockets.deliver(envelope.envelope_id, body, ANSWER_TIMEOUT_MS);
    return { transport: 'socket', body, headers: {}, send };
  }

  function byHttp(outgoing: Outgoing, url: string): Crossing {
    const { body, attempt = 1, retryReason } = outgoing;
    const headers: Record<string, string> = {
      'Content-Type': outgoing.contentType,
      ...signatureHeaders(signingSecret, outgoing.timestamp ?? Math.floor(clock.now() / 1000), body),
      ...(retryReason === undefined ? {} : retryHeaders(attempt, retryReason)),
      'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      Accept: '*/*',
    };
    const { signal } = closing;
    const send = () => httpPost({ url, headers, body, clock, timeoutMs: ANSWER_TIMEOUT_MS, signal });
    return { transport: 'http', body, headers, send };
  }

  function post(outgoing: Outgoing): Promise<Delivery> {
    return activity.during(async () => {
      const { send, ...crossing } = toCrossing(outgoing);
      const { kind, payload, attempt = 1 } = outgoing;
      const at = clock.now();
      const delivery: Delivery = {
        kind,
        ...crossing,
        payload,
        attempt,
        at,
        status: undefined,
        responseBody: '',
        durationMs: 0,
      };
      journal.addDelivery(delivery);
      const outcome = await send();
      delivery.durationMs = clock.now() - at;
      if ('failed' in outcome) {
        delivery.error = outcome.failed;
      } else {
        delivery.status = outcome.status;
        delivery.responseBody = outcome.body;
        if (!isSuccess(outcome.status)) delivery.error = 'http_error';
        if (outcome.noRetry) delivery.noRetry = true;
      }
      journal.updated();
      return delivery;
    });
  }

  return {
    post,
    setRequestUrl: (url: string) => {
      requestUrl = url;
    },
    /** Gives up what is in flight. */
    close: () => closing.abort(),
  };
}

function retryHeaders(attempt: number, reason: string): Record<string, string> {
  return { 'X-Slack-Retry-Num': String(attempt - 1), 'X-Slack-Retry-Reason': reason };
}

export function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}
