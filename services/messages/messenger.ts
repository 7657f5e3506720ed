import {
  type Block,
  type FetchFunction,
  type KnownBlock,
  type View,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import { z } from 'zod';
import type { ProxySettings } from '../config/config';
import type { Metrics } from '../metrics/metrics';
import type { BotTokens } from '../oauth/bot-tokens';
import type { Clock } from '../runtime/clock';
import { toErrorMessage } from '../runtime/errors';
import { parseJson } from '../runtime/json';
import type { Logger } from '../runtime/logger';
import { toSlackLogger } from '../slack/bolt-logger';
import type { ClockSkew } from '../slack/clock-skew';
import { createFetch } from '../slack/connections';
import { isTransient, toCause, toErrorName } from '../slack/errors';
import { capRetryAfterMs } from '../slack/rate-limit';
import type { Member, Workspace } from '../slack/workspace';

const TIMEOUT_MS = 10_000;
const MAX_NAME_LENGTH = 80;

/** What a person reads: the blocks, and a text for notifications and screen readers. */
export interface Message {
  text: string;
  blocks?: (KnownBlock | Block)[];
}

/** Whether Slack took a message, and if not, whether another try can succeed. */
export type SendResult =
  | { sent: true }
  | { sent: false; error: string; isRetryable: boolean; retryAfterMs?: number | undefined };

const flag = z.boolean().nullish();
const userSchema = z.object({
  name: z.string().nullish(),
  real_name: z.string().nullish(),
  /** The user's home workspace: in an enterprise, or of a guest from outside, it may be another. */
  team_id: z
    .string()
    .nullish()
    .transform((id) => id ?? undefined),
  deleted: flag,
  is_bot: flag,
  is_stranger: flag,
  is_admin: flag,
  is_owner: flag,
  is_primary_owner: flag,
  tz_offset: z.number().nullish(),
  enterprise_user: z
    .object({
      enterprise_id: z.string().nullish(),
      is_admin: flag,
      is_owner: flag,
      teams: z.array(z.string()).nullish(),
    })
    .nullish(),
});

const answerSchema = z.object({ user: userSchema });
const refusalSchema = z.object({ ok: z.literal(false), error: z.string().default('unknown_error') });

/** The fields of a user that are read: https://docs.slack.dev/reference/objects/user-object */
export type SlackUser = z.infer<typeof userSchema>;

export type Messenger = ReturnType<typeof createMessenger>;

/** Calls that can wait, with the token of the workspace they are about. Each is tried once: callers store and repeat. */
export function createMessenger({
  slackApiUrl,
  botTokens,
  logger,
  ...transport
}: {
  slackApiUrl: string;
  proxy: ProxySettings;
  botTokens: Pick<BotTokens, 'find'>;
  clockSkew: ClockSkew;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}) {
  const fetch = createFetchWithTimeout(transport);
  const client = new WebClient(undefined, {
    slackApiUrl,
    logger: toSlackLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    fetch,
  });

  async function call(workspace: Workspace, run: (token: string) => Promise<unknown>): Promise<SendResult> {
    try {
      const found = await botTokens.find(workspace);
      // An expired token is renewed later; a workspace without one stays without.
      if ('error' in found)
        return { sent: false, error: found.error, isRetryable: found.error !== 'not_installed' };
      await run(found.token);
      return { sent: true };
    } catch (error) {
      return toSendFailure(error);
    }
  }

  /** https://docs.slack.dev/reference/methods/users.info */
  async function findUser({ userId, ...workspace }: Member): Promise<SlackUser | { error: string }> {
    try {
      const found = await botTokens.find(workspace);
      if ('error' in found) return found;
      // An enterprise's token reaches many workspaces and has to name one; with other tokens Slack ignores `team_id`.
      const args = { token: found.token, user: userId, team_id: workspace.teamId };
      const { data } = answerSchema.safeParse(await client.apiCall('users.info', args));
      return data?.user ?? { error: 'invalid_response' };
    } catch (error) {
      return { error: error instanceof WebAPIPlatformError ? error.data.error : toErrorMessage(error) };
    }
  }

  return {
    /**
     * Sends a direct message. A user id as the channel opens the conversation where there is none:
     * https://docs.slack.dev/reference/methods/chat.postMessage
     */
    send: (to: Member, message: Message) =>
      call(to, (token) => client.chat.postMessage({ token, channel: to.userId, ...message })),
    /**
     * Answers a gesture by its `response_url`. Throws where Slack refuses it.
     * https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
     */
    async respond(responseUrl: string, message: object): Promise<void> {
      const response = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
      });
      // A `response_url` that is used up may be refused in the body alone.
      const refusal = refusalSchema.safeParse(parseJson(await response.text())).data?.error;
      if (!response.ok || refusal !== undefined)
        throw new Error(`slack answered ${response.status} ${refusal ?? ''}`.trim());
    },
    /** Posts into a channel that the app is a member of. */
    post: (workspace: Workspace, channel: string, message: Message) =>
      call(workspace, (token) => client.chat.postMessage({ token, channel, ...message })),
    /** Replaces the view of an open modal; a closed one is `not_found`. */
    updateView: (workspace: Workspace, viewId: string, view: View) =>
      call(workspace, (token) => client.views.update({ token, view_id: viewId, view })),
    /** https://docs.slack.dev/reference/methods/views.publish */
    publishHome: (member: Member, view: View) =>
      call(member, (token) => client.views.publish({ token, user_id: member.userId, view })),
    findUser,
    /** The name to show on pages, where `<@U…>` is not rendered. */
    async findUserName(member: Member): Promise<string | undefined> {
      const user = await findUser(member);
      return 'error' in user
        ? undefined
        : (user.real_name || user.name || undefined)?.slice(0, MAX_NAME_LENGTH);
    },
  };
}

/** Also for a `response_url` that never answers, which the timeout of `WebClient` does not cover. */
function createFetchWithTimeout({
  metrics: { limited },
  proxy,
  clockSkew,
  clock,
}: {
  metrics: Metrics;
  proxy: ProxySettings;
  clockSkew: ClockSkew;
  clock: Clock;
}): FetchFunction {
  const fetch = createFetch(proxy);
  return async (url, init) => {
    const askedAt = clock.now();
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    clockSkew.observe(response.headers.get('date'), askedAt);
    // The last part of a method's address is its name; that of a `response_url` is a secret.
    const [, method = 'response_url'] = /\/api\/([\w.]+)$/.exec(String(url)) ?? [];
    if (response.status === 429) limited(method);
    return response;
  };
}

function toSendFailure(error: unknown): SendResult {
  if (error instanceof WebAPIRateLimitedError) {
    const retryAfterMs = capRetryAfterMs(error.retryAfter * 1_000);
    return { sent: false, error: 'ratelimited', isRetryable: true, retryAfterMs };
  }
  if (!(error instanceof WebAPIPlatformError))
    return { sent: false, error: 'network_error', isRetryable: true };
  const name = toErrorName(error.data.error, 'unknown_error');
  const cause = toCause(name);
  // A token that is refused may be renewed, or be valid again: an ambiguous error must not lose a message.
  const isRetryable = isTransient(cause) || cause === 'token_in_doubt' || cause === 'token_expired';
  return { sent: false, error: name, isRetryable };
}
