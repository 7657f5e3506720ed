import { toCause } from './errors';

/** How long to make no call where Slack does not say, and the most that it can say. */
const DEFAULT_WAIT_MS = 30_000;
export const MAX_RETRY_AFTER_MS = 10 * 60_000;

/** Slack limits the rate by HTTP 429, or by an error word with any other status. */
export function isRateLimited(status: number, error: string | undefined): boolean {
  return status === 429 || (error !== undefined && toCause(error) === 'rate_limited');
}

/**
 * `Retry-After` in ms from now: seconds or a date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). Undefined
 * where it names no future time. It may be of any length: callers cap it.
 */
export function readRetryAfterMs(header: unknown, nowMs: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - nowMs : seconds * 1_000;
  return ms > 0 ? ms : undefined;
}

/** How long to make no call to Slack: ten minutes at most, so that no answer can stop a workspace for good. */
export function toRetryAfterMs(header: unknown, nowMs: number): number {
  return capRetryAfterMs(readRetryAfterMs(header, nowMs) ?? DEFAULT_WAIT_MS);
}

export function capRetryAfterMs(ms: number): number {
  return Math.min(ms, MAX_RETRY_AFTER_MS);
}
