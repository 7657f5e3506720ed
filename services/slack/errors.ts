/** Slack had a fault of its own. Part of the call may have succeeded all the same: https://docs.slack.dev/reference/methods */
export const SLACK_FAULTS: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
]);

/** With these Slack says that a token, and all that was granted with it, is over. No other word of Slack's says that. */
const ENDED = new Set(['token_revoked', 'account_inactive']);

/**
 * These may mean that a token is over. But `invalid_auth` also means that this address may not call, and a refresh token
 * that is refused may have been used up by an answer that never arrived.
 */
const DOUBTFUL = new Set(['invalid_auth', 'invalid_refresh_token', 'invalid_grant']);

export function endsToken(error: string): boolean {
  return ENDED.has(error);
}

export function castsDoubt(error: string): boolean {
  return DOUBTFUL.has(error);
}

/** Whether it was the way to Slack that failed, not Slack's answer. */
export function mayPass(error: string): boolean {
  return error === 'timeout' || error === 'network_error' || /^http_5\d\d$/.test(error);
}
