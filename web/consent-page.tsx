import type { ServerResponse } from 'node:http';
import type { ComponentChildren } from 'preact';
import type { CallbackResult } from '../services/consent/consents';
import { sendPage } from './page';

/** What the browser shows when Slack's consent page has sent it back. */
export function sendConsentPage(response: ServerResponse, result: CallbackResult): void {
  const { status, ...page } = toPage(result);
  sendPage(response, status, page);
}

interface Page {
  status: number;
  title: string;
  children: ComponentChildren;
}

function toPage(result: CallbackResult): Page {
  switch (result.kind) {
    case 'granted':
      return {
        status: 200,
        title: result.denied.length === 0 ? 'Granted' : 'Granted in part',
        children: (
          <>
            <p>
              You granted <Scopes names={result.granted} />.
            </p>
            {result.denied.length > 0 && (
              <p>
                You did not grant <Scopes names={result.denied} />.
              </p>
            )}
            <p>You can close this page and go back to Slack.</p>
          </>
        ),
      };
    case 'denied':
      return {
        status: 200,
        title: 'Not granted',
        children: (
          <p>
            You did not grant <Scopes names={result.scopes} />. You can close this page. If you change your
            mind, type <code>/permissions</code> in Slack.
          </p>
        ),
      };
    case 'wrong_account':
      return {
        status: 403,
        title: 'This was asked of somebody else',
        children: (
          <p>
            You are signed in to Slack with another account, or chose another workspace, than the one that was
            asked. Nothing was granted, and what you allowed was revoked, with all that this account had
            allowed the app before. Sign in as the person who asked, and type <code>/permissions</code> in
            Slack again.
          </p>
        ),
      };
    case 'failed':
      return {
        status: 502,
        title: 'It did not work',
        children: (
          <p>
            Nothing was granted: Slack answered <code>{result.error}</code>. Type <code>/permissions</code> in
            Slack to ask again. If it stays so, tell an admin the reference <code>{result.reference}</code>.
          </p>
        ),
      };
    case 'not_valid':
      return {
        status: 400,
        title: NOT_VALID[result.why].title,
        children: (
          <p>
            {NOT_VALID[result.why].why} Nothing was changed. Go back to Slack and type{' '}
            <code>/permissions</code>: <code>/permissions status</code> shows what you granted.
          </p>
        ),
      };
  }
}

const NOT_VALID = {
  unknown: { title: 'This link is not known', why: 'It does not come from a request of this app.' },
  used: { title: 'This was answered already', why: 'Each link is good for one answer.' },
  expired: { title: 'This link has expired', why: 'A link is good for ten minutes.' },
};

function Scopes({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name, index) => (
        <span key={name}>
          {index === 0 ? '' : ', '}
          <code>{name}</code>
        </span>
      ))}
    </>
  );
}
