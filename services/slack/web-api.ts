import { stringify } from 'node:querystring';
import { z } from 'zod';
import { type Metrics, noMetrics } from '../metrics/metrics';
import type { Clock } from '../runtime/clock';
import { toErrorMessage } from '../runtime/errors';
import { parseJson } from '../runtime/json';
import { type ClockSkew, noClockSkew } from './clock-skew';
import { type Connections, isResponseTooLarge, toServerAddress } from './connections';
import { type Failure, toErrorName, toFailure } from './errors';
import { isRateLimited, toRetryAfterMs } from './rate-limit';

/**
 * What Slack answered. `error` is Slack's own word, or `timeout`, `network_error`, `http_NNN`, `ratelimited` (by status or
 * by word), or `invalid_response` where a success is not JSON with an `ok`, or is longer than any answer of Slack's.
 */
export type SlackAnswer =
  | {
      ok: true;
      body: Readonly<Record<string, unknown>>;
      /** Seconds: the answer's `Date`, which is Slack's clock. */
      time: number;
      /** Of the token, by `x-oauth-scopes`; undefined where Slack does not say. */
      scopes: string[] | undefined;
    }
  | Failure;

/** Calls methods of the Web API that can wait, on connections that no trigger uses. */
export type CallSlack = (method: string, args: Readonly<Record<string, string>>) => Promise<SlackAnswer>;

const TIMEOUT_MS = 30_000;

const answerSchema = z.looseObject({ ok: z.boolean(), error: z.string().optional() });

/** One call, one try. Form-encoded, as every method accepts it; the token is an argument, or in `headers`. */
export function createCallSlack({
  connections,
  slackApiUrl,
  clock,
  clockSkew = noClockSkew,
  metrics = noMetrics,
  headers: moreHeaders = {},
  timeoutMs = TIMEOUT_MS,
}: {
  connections: Connections;
  slackApiUrl: string;
  clock: Clock;
  clockSkew?: ClockSkew;
  metrics?: Metrics;
  headers?: Readonly<Record<string, string>>;
  timeoutMs?: number;
}): CallSlack {
  return async (method, args) => {
    const askedAt = clock.now();
    const abort = new AbortController();
    const timer = clock.setTimeout(() => abort.abort(), timeoutMs);
    try {
      const response = await connections.post(toServerAddress(slackApiUrl + method), {
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          ...moreHeaders,
        },
        body: stringify(args),
        signal: abort.signal,
      });
      clockSkew.observe(response.headers.date, askedAt);
      const text = await response.body.text();
      const { statusCode: status, headers } = response;
      const answer = answerSchema.safeParse(parseJson(text));
      if (isRateLimited(status, answer.data?.error)) {
        metrics.limited(method);
        return toFailure('ratelimited', toRetryAfterMs(headers['retry-after'], clock.now()));
      }
      if (status !== 200) return toFailure(`http_${status}`);
      if (!answer.success) return toFailure('invalid_response');
      if (!answer.data.ok) return toFailure(toErrorName(answer.data.error, 'unknown_error'));
      const date = Date.parse(String(headers.date));
      return {
        ok: true,
        body: answer.data,
        time: Math.floor((Number.isNaN(date) ? clock.now() : date) / 1_000),
        scopes: toScopes(headers['x-oauth-scopes']),
      };
    } catch (error) {
      if (isResponseTooLarge(error)) return toFailure('invalid_response');
      if (abort.signal.aborted) return toFailure('timeout');
      return { ...toFailure('network_error'), detail: toErrorMessage(error) };
    } finally {
      timer.cancel();
    }
  };
}

/** Names with commas between them, as Slack writes scopes. */
export function splitScopes(text: string): string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== '');
}

function toScopes(header: string | string[] | undefined): string[] | undefined {
  return header === undefined ? undefined : splitScopes(String(header));
}
