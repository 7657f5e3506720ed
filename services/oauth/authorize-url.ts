import { toOAuthScope } from './scope-names';

/** The link to Slack's page where a user consents, by https://docs.slack.dev/authentication/installing-with-oauth. `team` keeps it to one workspace. */
export function toConsentUrl({
  authorizeUrl,
  clientId,
  redirectUri,
  scopes,
  state,
  teamId,
}: {
  authorizeUrl: string;
  clientId: string;
  redirectUri: string | undefined;
  scopes: readonly string[];
  state: string;
  teamId: string;
}): string {
  const url = new URL(authorizeUrl);
  url.search = new URLSearchParams({
    client_id: clientId,
    user_scope: [...new Set(scopes.map(toOAuthScope))].join(','),
    state,
    team: teamId,
    ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
  }).toString();
  return url.href;
}
