import type { Consent } from '../state/codes';
import type { Slack } from '../state/slack';
import type { JsonObject } from '../types';
import { type Method, type MethodArgs, refuse } from './method';
import { placeFields, tokenFields } from './oauth-answer';

/** https://docs.slack.dev/reference/methods/oauth.v2.access */
export const oauthV2Access: Method = {
  acceptsJson: false,
  takesNoToken: true,
  run: (_workspace, args, { slack, authorization }) => {
    const refusal = clientRefusal(slack, args, authorization);
    if (refusal) return refusal;
    const grantType = args.text('grant_type') || 'authorization_code';
    if (grantType === 'authorization_code') return exchangeCode(slack, args);
    if (grantType === 'refresh_token') return refreshToken(slack, args.text('refresh_token'));
    return refuse('invalid_grant_type');
  },
};

/** The app says who it is by HTTP Basic or in the form. */
function clientRefusal({ client }: Slack, args: MethodArgs, authorization: string): JsonObject | undefined {
  const encoded = /^Basic (.+)$/i.exec(authorization)?.[1];
  const basic = encoded && Buffer.from(encoded, 'base64').toString('utf8');
  const colonAt = basic?.indexOf(':') ?? -1;
  const id = basic ? basic.slice(0, colonAt) : args.text('client_id');
  const secret = basic ? basic.slice(colonAt + 1) : args.text('client_secret');
  if (id !== client.id) return refuse('invalid_client_id');
  return secret === client.secret ? undefined : refuse('bad_client_secret');
}

function exchangeCode(slack: Slack, args: MethodArgs): JsonObject {
  const code = args.text('code');
  const check = slack.codes.check(code);
  if (check.state !== 'good') return refuse(check.state);
  const { consent } = check;
  // One that the consent page was called with has to be repeated to the letter.
  const expected = consent.redirectUri ?? (args.text('redirect_uri') && slack.client.redirectUrl) ?? '';
  if (args.text('redirect_uri') !== expected) return refuse('bad_redirect_uri');
  slack.codes.use(code);
  return install(slack, consent);
}

/** Only now Slack holds what was allowed: a code that is never exchanged changes nothing. */
function install(slack: Slack, { userId, teamId, botScopes, userScopes }: Consent): JsonObject {
  const { authorizations, enterprise } = slack;
  const user = { kind: 'user' as const, teamId, enterpriseId: enterprise?.id, userId };
  if (userScopes.length > 0) authorizations.grant(user, userScopes);
  const granted = authorizations.find(user);
  const authedUser = granted ? tokenFields(slack, authorizations.issue(granted)) : {};
  const bot = teamId === undefined ? slack.orgBot : slack.get(teamId).bot;
  const botFields =
    botScopes.length > 0
      ? tokenFields(slack, authorizations.issue(authorizations.grant(bot, botScopes)))
      : {};
  return {
    ok: true,
    ...placeFields(slack, teamId),
    ...botFields,
    authed_user: { id: userId, ...authedUser },
  };
}

function refreshToken(slack: Slack, value: string): JsonObject {
  const token = slack.authorizations.refresh(value);
  if (!token) return refuse('invalid_refresh_token');
  const { kind, teamId, userId } = token.authorization;
  const fields = { ok: true, ...placeFields(slack, teamId), ...tokenFields(slack, token) };
  return kind === 'user' ? { ...fields, authed_user: { id: userId } } : fields;
}
