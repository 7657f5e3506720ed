import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { toMessage } from '../../services/runtime/errors';
import { isRefusal, toCause } from '../../services/slack/errors';
import { capRetryAfterMs } from '../../services/slack/rate-limit';

/** Slack did not say hello on the connection, and gave this reason; or none, and left it silent: `no_hello`. */
export class LinkRefusedError extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** Why a connection could not be opened. */
export interface OpeningFault {
  error: string;
  /** Trying again cannot help before somebody acts. */
  isRefusal: boolean;
  /** Slack says to wait this long. */
  retryAfterMs: number;
}

export function toOpeningFault(error: unknown): OpeningFault {
  if (error instanceof WebAPIPlatformError) {
    return { error: error.data.error, isRefusal: isRefusal(toCause(error.data.error)), retryAfterMs: 0 };
  }
  if (error instanceof WebAPIRateLimitedError) {
    return {
      error: 'ratelimited',
      isRefusal: false,
      retryAfterMs: capRetryAfterMs(error.retryAfter * 1_000),
    };
  }
  return { error: toMessage(error), isRefusal: false, retryAfterMs: 0 };
}

/** What whoever runs the app can do about a refusal. */
export function toRefusalSentence(error: string): string {
  return `SLACK_APP_TOKEN is refused by Slack (${error}): copy it again from "Basic Information", "App-Level Tokens" in your app's settings; it needs the scope connections:write, and "Socket Mode" must be switched on.`;
}
