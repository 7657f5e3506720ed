import { EventEmitter } from 'node:events';
import { stringify } from 'node:querystring';
import type { View } from '@slack/web-api';
import { z } from 'zod';
import type { ProxySettings } from '../../config/config';
import { type Metrics, noMetrics } from '../../metrics/metrics';
import type { BotTokens } from '../../oauth/bot-tokens';
import type { Clock, Timer } from '../../runtime/clock';
import { parseJson } from '../../runtime/json';
import { type ClockSkew, noClockSkew } from '../../slack/clock-skew';
import { isResponseTooLarge, openConnections, toServerAddress } from '../../slack/connections';
import { type ErrorCause, type Failure, toErrorName, toExpiredWhere, toFailure } from '../../slack/errors';
import { isRateLimited, toRetryAfterMs } from '../../slack/rate-limit';
import { beforeTriggerExpires, type Trigger, toTimeLeftMs } from '../../slack/trigger';
import { keepWarm } from './keep-warm';

/**
 * The result of an exchange. `error` is Slack's own word, or one of ours where Slack gave none:
 *
 * - `no_trigger`: the gesture brought none; nothing was sent
 * - `no_time_left`: the trigger is about to expire; nothing was sent
 * - `not_installed`: there is no token of the app's for this workspace; nothing was sent
 * - `timeout`: no answer while the trigger lived. Slack may have shown the prompt nevertheless
 * - `network_error`: the connection could not be made, or broke
 * - `ratelimited`: HTTP 429, or Slack's word for it with another status
 * - `http_NNN`: another status that is no success
 * - `invalid_response`: a success whose body is not an answer of the Web API, or too long
 */
export type ExchangeResult =
  | {
      ok: true;
      warning: string | undefined;
      /** Of the modal that was opened, where one was. */
      viewId: string | undefined;
      /** Block Kit's `view`, to be shown by the answer to the submission: Slack was not called. */
      view?: View;
    }
  | Failure;

export type TriggerExchange = ReturnType<typeof createTriggerExchange>;

const answerSchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  warning: z.string().optional(),
  view: z.object({ id: z.string() }).optional(),
});

/**
 * Calls Slack on connections of its own. `WebClient` is not used for these calls: it queues all of a token's calls
 * behind one that was rate limited, and has a timeout a client, where a trigger needs one a call.
 *
 * The body is form-encoded: these methods do not accept JSON (seed document of `apps.permissions.users.request`).
 */
export function createTriggerExchange({
  slackApiUrl,
  proxy,
  botTokens,
  clock,
  clockSkew = noClockSkew,
  metrics = noMetrics,
}: {
  slackApiUrl: string;
  proxy?: ProxySettings;
  botTokens: Pick<BotTokens, 'find'>;
  clock: Clock;
  clockSkew?: ClockSkew;
  metrics?: Metrics;
}) {
  // Idle connections are kept for ten minutes, unless Slack closes them: a handshake costs a trigger a tenth of its life.
  const connections = openConnections(proxy, { keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 });
  const api = toServerAddress(slackApiUrl);
  let warmth: Timer | undefined;

  async function call(method: string, body: string, timeoutMs: number): Promise<ExchangeResult> {
    const askedAt = clock.now();
    // undici takes an emitter for a signal; an `AbortSignal` costs more than all else that is made for a call.
    const abort = new EventEmitter();
    let isOver = false;
    const timer = clock.setTimeout(() => {
      isOver = true;
      abort.emit('abort');
    }, timeoutMs);
    try {
      const to = { ...api, path: api.path + method };
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
      const response = await connections.post(to, { headers, body, signal: abort });
      clockSkew.observe(response.headers.date, askedAt);
      const retryAfterMs = toRetryAfterMs(response.headers['retry-after'], clock.now());
      return toResult(response.statusCode, await response.body.text(), retryAfterMs);
    } catch (error) {
      if (isResponseTooLarge(error)) return toFailure('invalid_response');
      return toFailure(isOver ? 'timeout' : 'network_error');
    } finally {
      timer.cancel();
    }
  }

  async function callInTime(
    method: string,
    args: Record<string, string>,
    trigger: Trigger,
  ): Promise<ExchangeResult> {
    if (trigger.id === undefined) return toFailure('no_trigger');
    if (toTimeLeftMs(trigger, clock.now()) <= 0) return toFailure('no_time_left');
    // Renewing a token can take longer than a trigger lives.
    const finding = botTokens.find(trigger);
    const found = finding instanceof Promise ? await beforeTriggerExpires(trigger, clock, finding) : finding;
    if (found !== undefined && 'error' in found) return toFailure(found.error);
    const timeoutMs = toTimeLeftMs(trigger, clock.now());
    if (found === undefined || timeoutMs <= 0) return toFailure('no_time_left');
    const body = stringify({ token: found.token, ...args, trigger_id: trigger.id });
    const result = call(method, body, timeoutMs);
    const sinceArrivalMs = clock.now() - (trigger.arrivedAt ?? trigger.sentAt);
    metrics.exchanging({ sinceArrivalMs, leftMs: timeoutMs });
    return result;
  }

  return {
    /**
     * Uses up the trigger with a call of `method`, at once and once: never retried, never queued behind another call,
     * given up when the trigger dies.
     */
    async callWithTrigger(
      method: string,
      args: Record<string, string>,
      trigger: Trigger,
    ): Promise<ExchangeResult> {
      const result = await callInTime(method, args, trigger);
      metrics.exchanged(toOutcome(result), result.ok ? undefined : toExpiredWhere(result.error));
      if (!result.ok && result.cause === 'rate_limited') metrics.limited(method);
      return result;
    },
    /** From now on, connections to Slack are open when a trigger comes. */
    keepWarm(): void {
      warmth ??= keepWarm({ connections, api, clockSkew, clock });
    },
    close(): Promise<void> {
      warmth?.cancel();
      return connections.close();
    },
  };
}

function toResult(status: number, text: string, retryAfterMs: number): ExchangeResult {
  const answer = answerSchema.safeParse(parseJson(text));
  if (isRateLimited(status, answer.data?.error)) return toFailure('ratelimited', retryAfterMs);
  if (status >= 500) return toFailure(`http_${status}`);
  if (!answer.success) return toFailure(status === 200 ? 'invalid_response' : `http_${status}`);
  if (answer.data.ok) return { ok: true, warning: answer.data.warning, viewId: answer.data.view?.id };
  return toFailure(toErrorName(answer.data.error, 'unknown_error'));
}

/** These are counted by their word, all else as `expired` or `refused`: a metric's label must be bounded. */
const COUNTED_BY_WORD: readonly ErrorCause[] = [
  'not_sent',
  'unreachable',
  'garbled',
  'other_status',
  'rate_limited',
  'not_installed',
];

function toOutcome(result: ExchangeResult): string {
  if (result.ok) return 'ok';
  if (COUNTED_BY_WORD.includes(result.cause)) return result.error;
  return toExpiredWhere(result.error) === undefined ? 'refused' : 'expired';
}
