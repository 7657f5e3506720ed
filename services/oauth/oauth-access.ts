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
const renewalSchema = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: expiry });

async function callAccess<T>(
  callSlack: CallSlack,
  { clientId, clientSecret }: OAuthClient,
  args: Record<string, string>,
  schema: z.ZodType<T>,
): Promise<{ ok: true; data: T; time: number } | Failure> {
  const client = { client_id: clientId, client_secret: clientSecret };
  const answer = await callSlack('oauth.v2.access', { ...client, ...args });
  if (!answer.ok) return answer;
  const { data } = schema.safeParse(answer.body);
  return data === undefined ? toFailure('invalid_response') : { ok: true, data, time: answer.time };
}

/** `expires_in` is in seconds from the answer on. */
function toToken(
  token: string,
  issued: { refresh_token?: string | null | undefined; expires_in?: number | null | undefined },
  time: number,
): Token {
  const expiresAtMs = issued.expires_in ? (time + issued.expires_in) * 1_000 : undefined;
  return { token, refreshToken: issued.refresh_token ?? undefined, expiresAtMs };
}

/** Exchanges the code that the browser brought back for the user's token. */
export async function exchangeCode(
  callSlack: CallSlack,
  client: OAuthClient,
  { code, redirectUri }: { code: string; redirectUri: string | undefined },
): Promise<{ ok: true; consent: OAuthConsent } | Failure> {
  const args = { code, ...(redirectUri !== undefined && { redirect_uri: redirectUri }) };
  const answer = await callAccess(callSlack, client, args, consentSchema);
  if (!answer.ok) return answer;
  const { time } = answer;
  const { team, enterprise, authed_user: user } = answer.data;
  const { access_token: token } = user;
  return {
    ok: true,
    consent: {
      userId: user.id,
      teamId: team?.id,
      enterpriseId: enterprise?.id,
      scopes: token ? splitScopes(user.scope ?? '') : [],
      time,
      token: token ? toToken(token, user, time) : undefined,
    },
  };
}

/** Exchanges a refresh token, which is good for one use, for a new pair: https://docs.slack.dev/authentication/using-token-rotation */
export async function exchangeRefreshToken(
  callSlack: CallSlack,
  client: OAuthClient,
  refreshToken: string,
): Promise<{ ok: true; token: Token } | Failure> {
  const args = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const answer = await callAccess(callSlack, client, args, renewalSchema);
  if (!answer.ok) return answer;
  return { ok: true, token: toToken(answer.data.access_token, answer.data, answer.time) };
}
