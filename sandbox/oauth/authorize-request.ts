import { isBotScope, isUserScope } from '../api/scopes';
import type { Slack } from '../state/slack';

/** What the app sent the person to Slack's consent page with. */
export interface AuthorizeRequest {
  botScopes: string[];
  userScopes: string[];
  state: string;
  /** As it stood in the address; undefined: it was left out. */
  redirectUri: string | undefined;
  /** Where the person is sent back to. */
  returnTo: string;
  /** The workspace that the app asks for; undefined: the person chooses. */
  teamId: string | undefined;
}

export type AuthorizeError =
  | 'invalid_client_id'
  | 'bad_redirect_uri'
  | 'invalid_scope'
  | 'invalid_team'
  | 'no_bot_scopes_requested';

/** https://docs.slack.dev/authentication/installing-with-oauth, or in Slack's words what is wrong with it. */
export function readAuthorizeRequest(
  slack: Slack,
  query: URLSearchParams,
): AuthorizeRequest | { error: AuthorizeError } {
  const { client, enterprise } = slack;
  if (query.get('client_id') !== client.id) return { error: 'invalid_client_id' };

  const redirectUri = query.get('redirect_uri') || undefined;
  const returnTo = redirectUri ?? client.redirectUrl;
  if (!returnTo || !client.redirectUrl || !isUnder(returnTo, client.redirectUrl)) {
    return { error: 'bad_redirect_uri' };
  }

  const botScopes = toScopes(query.get('scope'));
  const userScopes = toScopes(query.get('user_scope'));
  const areKnown = botScopes.every(isBotScope) && userScopes.every(isUserScope);
  if (!areKnown || botScopes.length + userScopes.length === 0) return { error: 'invalid_scope' };

  const teamId = query.get('team') || undefined;
  if (teamId !== undefined && !slack.find(teamId)) return { error: 'invalid_team' };
  // In an organisation Slack takes this for an install: https://github.com/slackapi/bolt-python/issues/1157
  if (enterprise && teamId === undefined && botScopes.length === 0) {
    return { error: 'no_bot_scopes_requested' };
  }
  return { botScopes, userScopes, state: query.get('state') ?? '', redirectUri, returnTo, teamId };
}

function toScopes(list: string | null): string[] {
  return [...new Set((list ?? '').split(/[,\s]+/).filter((scope) => scope !== ''))];
}

/** The same address, or one below it. */
function isUnder(address: string, configured: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(configured)) return false;
  const [asked, allowed] = [new URL(address), new URL(configured)];
  if (asked.origin !== allowed.origin || asked.username !== '') return false;
  const folder = allowed.pathname.endsWith('/') ? allowed.pathname : `${allowed.pathname}/`;
  return asked.pathname === allowed.pathname || asked.pathname.startsWith(folder);
}
