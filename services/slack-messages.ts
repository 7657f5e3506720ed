import {
  type Block,
  type KnownBlock,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  type WebClient,
} from '@slack/web-api';

/** What a person reads: the blocks, and a text for notifications and screen readers. */
export interface Message {
  text: string;
  blocks?: (KnownBlock | Block)[];
}

/** Whether Slack took a message, and if not, whether it is worth trying again. */
export type SendResult =
  | { sent: true }
  | { sent: false; error: string; again: boolean; retryAfterMs: number | undefined };

const PASSING_ERRORS = new Set([
  'ratelimited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
]);

/**
 * Sends a message to one user, privately, from the app.
 * A user id as the channel opens the conversation where there is none: https://docs.slack.dev/reference/methods/chat.postMessage
 */
export async function sendDirectMessage(
  client: WebClient,
  userId: string,
  message: Message,
): Promise<SendResult> {
  try {
    await client.chat.postMessage({ channel: userId, ...message });
    return { sent: true };
  } catch (error) {
    if (error instanceof WebAPIRateLimitedError) {
      return { sent: false, error: 'ratelimited', again: true, retryAfterMs: error.retryAfter * 1_000 };
    }
    if (error instanceof WebAPIPlatformError) {
      return {
        sent: false,
        error: error.data.error,
        again: PASSING_ERRORS.has(error.data.error),
        retryAfterMs: undefined,
      };
    }
    return { sent: false, error: 'network_error', again: true, retryAfterMs: undefined };
  }
}
