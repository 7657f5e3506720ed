import {
  type Block,
  type FetchFunction,
  type KnownBlock,
  type View,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  type WebClient,
} from '@slack/web-api';
import { z } from 'zod';
import type { BotTokens } from '../oauth/bot-tokens';
import { toErrorMessage } from '../runtime/errors';
import { parseJson } from '../runtime/json';
import { isTransient, toCause, toErrorName } from '../slack/errors';
import { capRetryAfterMs } from '../slack/rate-limit';
import type { Member, Workspace } from '../slack/workspace';

/** What a person reads: the blocks, and a text for notifications and screen readers. */
export interface Message {
  text: string;
  blocks?: (KnownBlock | Block)[];
}

/** Whether Slack took a message, and if not, whether it is worth trying again. */
export type SendResult =
  | { sent: true }
  | { sent: false; error: string; isRetryable: boolean; retryAfterMs: number | undefined };

const flag = z.boolean().nullish();
const userSchema = z.object({
  /** Their own workspace: in an organisation, or of a visitor, it may be another. */
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

/** What Slack says of a user, in its own words, as much of it as is used: https://docs.slack.dev/reference/objects/user-object */
export type SlackUser = z.infer<typeof userSchema>;

/** What the app says and asks that can wait, with the token of the workspace that it is about. */
export interface Messenger {
  /**
   * Sends a message to one user, privately, from the app.
   * A user id as the channel opens the conversation where there is none: https://docs.slack.dev/reference/methods/chat.postMessage
   */
  send(to: Member, message: Message): Promise<SendResult>;
  /**
   * Answers a gesture by its `response_url`. Throws where Slack does not take it.
   * https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
   */
  respond(responseUrl: string, message: object): Promise<void>;
  /** Writes into a channel that the app is in. */
  post(workspace: Workspace, channel: string, message: Message): Promise<SendResult>;
  /** Puts another view in the place of an open modal; a closed one is `not_found`. */
  updateView(workspace: Workspace, viewId: string, view: View): Promise<SendResult>;
  /** Shows a user the app's home: https://docs.slack.dev/reference/methods/views.publish */
  publishHome(member: Member, view: View): Promise<SendResult>;
  /** Who somebody is: https://docs.slack.dev/reference/methods/users.info */
  findUser(member: Member): Promise<SlackUser | { error: string }>;
}

export function createMessenger({
  client,
  fetch,
  botTokens,
}: {
  /** For a `response_url`, which the client does not know. */
  fetch: FetchFunction;
  /** Without a token of its own. */
  client: WebClient;
  botTokens: Pick<BotTokens, 'find'>;
}): Messenger {
  async function call(workspace: Workspace, run: (token: string) => Promise<unknown>): Promise<SendResult> {
    try {
      const found = await botTokens.find(workspace);
      if ('error' in found) return toTokenFailure(found.error);
      await run(found.token);
      return { sent: true };
    } catch (error) {
      return toSendFailure(error);
    }
  }

  return {
    send: (to, message) =>
      call(to, (token) => client.chat.postMessage({ token, channel: to.userId, ...message })),
    async respond(responseUrl, message) {
      const response = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
      });
      // One that is used up may be refused in the body alone.
      const refusal = refusalSchema.safeParse(parseJson(await response.text())).data?.error;
      if (!response.ok || refusal !== undefined)
        throw new Error(`slack answered ${response.status} ${refusal ?? ''}`.trim());
    },
    post: (workspace, channel, message) =>
      call(workspace, (token) => client.chat.postMessage({ token, channel, ...message })),
    updateView: (workspace, viewId, view) =>
      call(workspace, (token) => client.views.update({ token, view_id: viewId, view })),
    publishHome: (member, view) =>
      call(member, (token) => client.views.publish({ token, user_id: member.userId, view })),
    async findUser({ userId, ...workspace }) {
      try {
        const found = await botTokens.find(workspace);
        if ('error' in found) return found;
        // An organisation's token reaches many workspaces: which is meant stands beside it. Others pass over it.
        const asked = { token: found.token, user: userId, team_id: workspace.teamId };
        const { data } = answerSchema.safeParse(await client.apiCall('users.info', asked));
        return data?.user ?? { error: 'invalid_response' };
      } catch (error) {
        return { error: error instanceof WebAPIPlatformError ? error.data.error : toErrorMessage(error) };
      }
    },
  };
}

const refusalSchema = z.object({ ok: z.literal(false), error: z.string().default('unknown_error') });

/** An expired token is renewed later; one that is not there stays away. */
function toTokenFailure(error: string): SendResult {
  return { sent: false, error, isRetryable: error !== 'not_installed', retryAfterMs: undefined };
}

function toSendFailure(error: unknown): SendResult {
  if (error instanceof WebAPIRateLimitedError) {
    return {
      sent: false,
      error: 'ratelimited',
      isRetryable: true,
      retryAfterMs: capRetryAfterMs(error.retryAfter * 1_000),
    };
  }
  if (error instanceof WebAPIPlatformError) {
    const name = toErrorName(error.data.error, 'unknown_error');
    const cause = toCause(name);
    return {
      sent: false,
      error: name,
      // A token that is refused may be renewed, or be good again: what is to be said must not be lost to a doubtful word.
      isRetryable: isTransient(cause) || cause === 'token_in_doubt' || cause === 'token_expired',
      retryAfterMs: undefined,
    };
  }
  return { sent: false, error: 'network_error', isRetryable: true, retryAfterMs: undefined };
}
