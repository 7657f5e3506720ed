import type { CallSlack } from '../slack/web-api';

/** The result of revoking a token and its refresh token. */
export interface TokenPairRevocation {
  /** Undefined: Slack has revoked the token, or had before. */
  error: string | undefined;
  /** The same of the refresh token; undefined also where there is none. */
  refreshError: string | undefined;
  /** Seconds, by Slack's clock; undefined where its answer brings none. */
  time: number | undefined;
}

/**
 * Revokes both: under token rotation each outlives the other and keeps the scopes granted. The refresh token comes first: if
 * that fails, the token is still there for another try. https://docs.slack.dev/reference/methods/auth.revoke
 */
export async function revokeTokenPair(
  callSlack: CallSlack,
  { token, refreshToken }: { token: string; refreshToken: string | undefined },
): Promise<TokenPairRevocation> {
  const refresh = refreshToken === undefined ? undefined : await revokeOne(callSlack, refreshToken);
  const { error, time } = await revokeOne(callSlack, token);
  return { error, refreshError: refresh?.error, time };
}

async function revokeOne(
  callSlack: CallSlack,
  token: string,
): Promise<{ error: string | undefined; time: number | undefined }> {
  const answer = await callSlack('auth.revoke', { token });
  if (!answer.ok)
    return { error: answer.cause === 'token_ended' ? undefined : answer.error, time: undefined };
  return { error: answer.body.revoked === false ? 'not_revoked' : undefined, time: answer.time };
}
