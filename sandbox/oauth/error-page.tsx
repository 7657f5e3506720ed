import type { AuthorizeError } from './authorize-request';
import { renderFrame } from './frame';

const WORDS: Record<AuthorizeError, string> = {
  invalid_client_id: 'No app has this client_id.',
  bad_redirect_uri: 'The redirect_uri does not begin with a redirect URL that the app has configured.',
  invalid_scope: 'A scope does not exist, or none was asked for.',
  invalid_team: 'There is no such workspace.',
  no_bot_scopes_requested:
    'In an organisation a request without bot scopes needs a workspace: name one in the argument team.',
};

/** The app's fault, told to the person: they are not sent back to an address that may be anybody's. */
export function renderErrorPage(error: AuthorizeError): string {
  const children = (
    <>
      <h1>Something went wrong when authorizing this app.</h1>
      <p>
        <code>{error}</code>
      </p>
      <p>{WORDS[error]}</p>
    </>
  );
  return renderFrame({ title: 'Slack could not authorize the app', children });
}
