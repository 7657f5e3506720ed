import { setMaxListeners } from 'node:events';
import type { Delivery, JsonObject, SandboxClock } from '../types';
import type { Activity } from './activity';
import { httpPost } from './http-post';
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
  attempt?: number;
  headers?: Record<string, string>;
}

interface Dependencies {
  clock: SandboxClock;
  journal: Journal;
  activity: Activity;
  signingSecret: string;
  requestUrl: string | undefined;
}

export type Outbox = ReturnType<typeof createOutbox>;

/** Signs what Slack sends, posts it to the app, and keeps what came of it. */
export function createOutbox(dependencies: Dependencies) {
  const { clock, journal, activity, signingSecret } = dependencies;
  const closing = new AbortController();
  // Each post in flight listens, and there may be hundreds.
  setMaxListeners(0, closing.signal);
  let requestUrl = dependencies.requestUrl;

  function getRequestUrl(): string {
    if (requestUrl) return requestUrl;
    throw new Error('The sandbox does not know where the app listens: call setRequestUrl(url) first.');
  }

  function post(outgoing: Outgoing): Promise<Delivery> {
    return activity.during(async () => {
      const url = getRequestUrl();
      const { kind, body, payload, attempt = 1 } = outgoing;
      const at = clock.now();
      const headers: Record<string, string> = {
        'Content-Type': outgoing.contentType,
        ...signatureHeaders(signingSecret, outgoing.timestamp ?? Math.floor(at / 1000), body),
        ...outgoing.headers,
        'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        Accept: '*/*',
      };
      const delivery: Delivery = {
        kind,
        body,
        payload,
        headers,
        attempt,
        at,
        status: undefined,
        responseBody: '',
        durationMs: 0,
      };
      journal.addDelivery(delivery);
      const signal = closing.signal;
      const outcome = await httpPost({ url, headers, body, clock, timeoutMs: ANSWER_TIMEOUT_MS, signal });
      delivery.durationMs = clock.now() - at;
      if ('failed' in outcome) {
        delivery.error = outcome.failed;
      } else {
        delivery.status = outcome.status;
        delivery.responseBody = outcome.body;
        if (!isSuccess(outcome.status)) delivery.error = 'http_error';
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

export function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}
