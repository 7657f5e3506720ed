import type { ServerResponse } from 'node:http';
import type { ComponentChildren } from 'preact';
import type { CallbackResult } from '../services/answers/consent/outcome';
import { ACCESS_DENIED, NOT_STORED } from '../services/answers/consent/record';
import { sendPage } from './page';

/** The page to which Slack's consent page sends the browser back. */
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
        title: result.leftOut.length === 0 ? 'Granted' : 'Granted in part',
        children: (
          <>
            <p>
              You granted <Scopes names={result.granted} />.
            </p>
            {result.leftOut.length > 0 && <LeftOut scopes={result.leftOut} />}
            <p>You can close this page and go back to Slack.</p>
          </>
        ),
      };
    case 'not_granted':
      return { status: 200, title: 'Not granted', children: <LeftOut scopes={result.scopes} /> };
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
        children: <WrongAccount {...result} />,
      };
    case 'failed':
      return toFailurePage(result);
    case 'pending':
      return {
        status: 202,
        title: 'Not stored yet',
        children: (
          <p>
            Slack has your answer, and Scopekeeper is still trying to store it. Nothing is lost: reload this
            page in a minute to see what came of it.
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

function toFailurePage({ error, reference }: { error: string; reference: string }): Page {
  const tellAnAdmin = (
    <>
      If it stays so, tell an admin the reference <code>{reference}</code>.
    </>
  );
  if (error === ACCESS_DENIED) {
    return {
      status: 200,
      title: 'Not granted',
      children: (
        <p>
          You said no, or your workspace does not allow this app yet: Slack does not say which. If it was not
          you, ask an admin to allow it; then type <code>/permissions</code> in Slack again. Your reference is{' '}
          <code>{reference}</code>.
        </p>
      ),
    };
  }
  const what =
    error === NOT_STORED ? (
      'You answered, but Scopekeeper could not store it, so nothing was granted.'
    ) : (
      <>
        Nothing was granted: Slack answered <code>{error}</code>.
      </>
    );
  return {
    status: error === NOT_STORED ? 503 : 502,
    title: 'It did not work',
    children: (
      <p>
        {what} Type <code>/permissions</code> in Slack to ask again. {tellAnAdmin}
      </p>
    ),
  };
}

function WrongAccount({
  userId,
  name,
  keptOtherGrants,
}: {
  userId: string;
  name?: string | undefined;
  keptOtherGrants: boolean;
}) {
  return (
    <>
      <p>
        This page is for {name !== undefined && <strong>{name}</strong>} <code>{userId}</code>. You are signed
        in to Slack with another account, or chose another workspace. Nothing was stored for them.
      </p>
      <p>
        {keptOtherGrants ? (
          <>
            What this account had granted before still stands. Type <code>/permissions status</code> in Slack
            to see it.
          </>
        ) : (
          'What you have just allowed was handed back to Slack.'
        )}
      </p>
      <p>
        If you are the one who asked, sign in to Slack as yourself, and type <code>/permissions</code> there
        again.
      </p>
    </>
  );
}

function LeftOut({ scopes }: { scopes: readonly string[] }) {
  return (
    <p>
      You did not grant <Scopes names={scopes} />: you left it out, or your workspace does not allow it yet.
      If you need it, ask an admin, then type <code>/permissions</code> in Slack again.
    </p>
  );
}

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
