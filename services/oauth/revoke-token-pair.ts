import type { CallSlack } from '../slack/web-api';

/** What Slack made of revoking a token, and of the refresh token beside it. */
export interface TokenPairRevocation {
  /** Undefined: Slack has revoked the token, or had before. */
  error: string | undefined;
  /** The same of the refresh token; undefined also where there is none. */
  refreshError: string | undefined;
  /** Seconds, by Slack's clock; undefined where its answer brings none. */
  time: number | undefined;
}

/**
 * Revokes both: under token rotation each lives on without the other, and what they stand for with them. The refresh token
 * comes first, so that there is still one to try again with. https://docs.slack.dev/reference/methods/auth.revoke
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
