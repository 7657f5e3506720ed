import type { Token } from '../state/authorizations';
import type { Slack } from '../state/slack';
import type { JsonObject } from '../types';
import { type Method, refuse } from './method';

/** What an app-level token may do. */
const APP_TOKEN_SCOPES = ['connections:write'];

export type Authenticated = { token: Token | undefined; scopes: string[] } | { refusal: JsonObject };

/** Whose token it is, and whether it may call this method. */
export function authenticate(slack: Slack, method: Method, value: string): Authenticated {
  if (method.takesNoToken) return { token: undefined, scopes: [] };
  if (value === slack.appToken) {
    return method.takesAppToken
      ? { token: undefined, scopes: APP_TOKEN_SCOPES }
      : { refusal: refuse('not_allowed_token_type') };
  }
  const refreshed = method.takesRefreshToken ? slack.authorizations.findByRefreshToken(value) : undefined;
  const token = slack.authorizations.findToken(value) ?? refreshed;
  if (!token) return { refusal: refuse('invalid_auth') };
  const { kind, scopes, isRevoked, isUninstalled } = token.authorization;
  if (isRevoked || (refreshed === undefined ? token.isRevoked : token.isRefreshRevoked)) {
    return { refusal: refuse(isUninstalled && kind === 'user' ? 'account_inactive' : 'token_revoked') };
  }
  if (refreshed === undefined && token.expiresAt !== undefined && slack.clock.now() >= token.expiresAt) {
    return { refusal: refuse('token_expired') };
  }
  if (method.takesAppToken || (kind === 'user' && !method.takesUserToken)) {
    return { refusal: refuse('not_allowed_token_type') };
  }
  if (method.isOfWorkspaceApps && slack.isRetired) return { refusal: refuse('method_deprecated') };
  if (method.scope !== undefined && !scopes.has(method.scope)) {
    const provided = [...scopes].join(',');
    return { refusal: { ...refuse('missing_scope'), needed: method.scope, provided } };
  }
  return { token, scopes: [...scopes] };
}
