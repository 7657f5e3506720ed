import { z } from 'zod';
import { type Failure, toFailure } from '../slack/errors';
import type { CallSlack } from '../slack/web-api';
import { splitScopes } from '../slack/web-api';
import type { Token } from './vault';

/** What the app shows Slack to be itself. */
export interface OAuthClient {
  clientId: string;
  clientSecret: string;
}

/** What a user's consent brought, by https://docs.slack.dev/reference/methods/oauth.v2.access */
export interface OAuthConsent {
  userId: string;
  teamId: string | undefined;
  enterpriseId: string | undefined;
  /** All that the token now holds: user scopes add up over several consents. */
  scopes: string[];
  /** Seconds, by Slack's clock. */
  time: number;
  /** Undefined where nothing was granted: every scope that was asked was optional, and left out. */
  token: Token | undefined;
}

const expiry = z.number().positive().nullish();
const consentSchema = z.object({
  team: z.object({ id: z.string() }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  authed_user: z.object({
    id: z.string(),
    scope: z.string().nullish(),
    access_token: z.string().nullish(),
    refresh_token: z.string().nullish(),
    expires_in: expiry,
  }),
});
const renewalSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: expiry,
});

/** Exchanges the code that the browser brought back for the user's token. */
export async function exchangeCode(
  callSlack: CallSlack,
  { clientId, clientSecret }: OAuthClient,
  { code, redirectUri }: { code: string; redirectUri: string | undefined },
): Promise<{ ok: true; consent: OAuthConsent } | Failure> {
  const answer = await callSlack('oauth.v2.access', {
    client_id: clientId,
    client_secret: clientSecret,
    code,
    ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
  });
  if (!answer.ok) return answer;
  const parsed = consentSchema.safeParse(answer.body);
  if (!parsed.success) return toFailure('invalid_response');
  const { team, enterprise, authed_user: user } = parsed.data;
  const { access_token: token } = user;
  return {
    ok: true,
    consent: {
      userId: user.id,
      teamId: team?.id,
      enterpriseId: enterprise?.id,
      scopes: token ? splitScopes(user.scope ?? '') : [],
      time: answer.time,
      token: token
        ? {
            token,
            refreshToken: user.refresh_token ?? undefined,
            expiresAtMs: toExpiresAtMs(answer.time, user.expires_in),
          }
        : undefined,
    },
  };
}

/** Exchanges a refresh token, which is good for one use, for a new pair: https://docs.slack.dev/authentication/using-token-rotation */
export async function exchangeRefreshToken(
  callSlack: CallSlack,
  { clientId, clientSecret }: OAuthClient,
  refreshToken: string,
): Promise<{ ok: true; token: Token } | Failure> {
  const answer = await callSlack('oauth.v2.access', {
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  });
  if (!answer.ok) return answer;
  const parsed = renewalSchema.safeParse(answer.body);
  if (!parsed.success) return toFailure('invalid_response');
  const { access_token, refresh_token, expires_in } = parsed.data;
  return {
    ok: true,
    token: {
      token: access_token,
      refreshToken: refresh_token,
      expiresAtMs: toExpiresAtMs(answer.time, expires_in),
    },
  };
}

/** `expires_in` is in seconds from the answer on. */
export function toExpiresAtMs(time: number, expiresIn: number | null | undefined): number | undefined {
  return expiresIn === null || expiresIn === undefined ? undefined : (time + expiresIn) * 1_000;
}
