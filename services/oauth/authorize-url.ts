import { toOAuthScope } from './scope-names';

/** Slack's page where a user consents: beside the Web API, whose address may be another. */
export function toAuthorizeUrl(slackApiUrl: string): string {
  return new URL('../oauth/v2/authorize', slackApiUrl).href;
}

/** The link that opens it, by https://docs.slack.dev/authentication/installing-with-oauth. `team` keeps it to one workspace. */
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
