import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Member } from '../../services/slack/workspace';
import type { Route } from '../server';
import { readCookie } from './cookie';
import { sendAdminPage } from './layout';
import { isFromHere, isHttps } from './origin';
import type { AdminParts } from './parts';

/** More than any browser requests at once. */
const MAX_REQUESTS_PER_SESSION = 20;

type Method = 'GET' | 'POST';

export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  /** The session's secret, from the cookie; undefined without one. */
  cookie: string | undefined;
}

/** A request of an admin who is signed in. */
export interface AdminVisit extends Visit {
  admin: Member;
  /** Every team that the admin may see. */
  teamIds: readonly string[];
}

export type Guard = ReturnType<typeof createGuard>;

/**
 * Makes routes of page handlers: public ones, and ones that need a session. An error of a handler is logged here; the browser
 * gets a page without details.
 */
export function createGuard({
  sessions,
  teams,
  publicUrl,
  logger,
}: Pick<AdminParts, 'sessions' | 'teams' | 'publicUrl' | 'logger'>) {
  function open(method: Method, path: string, handle: (visit: Visit) => Promise<void>): Route {
    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (method === 'POST' && !isFromHere(request, publicUrl)) return sendForeign(response);
      const { searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
      const cookie = readCookie(request, { isSecure: isHttps(request, publicUrl) });
      return handle({ request, response, query, cookie });
    }
    return {
      path,
      method,
      handler(request, response) {
        serve(request, response).catch((error: unknown) => {
          logger.error({ err: error, path }, 'failed to serve a page');
          if (response.headersSent) response.destroy();
          else sendFault(response);
        });
      },
    };
  }

  /** Requests in progress by session: one session must not keep the database from others. */
  const underWay = new Map<string, number>();

  async function inTurn(visit: Visit, serve: () => Promise<void>): Promise<void> {
    const key = sessions.toKey(visit.cookie);
    if (key === undefined) return sendSignedOut(visit.response);
    const count = underWay.get(key) ?? 0;
    if (count >= MAX_REQUESTS_PER_SESSION) return sendTooMany(visit.response);
    underWay.set(key, count + 1);
    try {
      await serve();
    } finally {
      const left = (underWay.get(key) ?? 0) - 1;
      if (left > 0) underWay.set(key, left);
      else underWay.delete(key);
    }
  }

  async function serveSignedIn(visit: Visit, handle: (visit: AdminVisit) => Promise<void>): Promise<void> {
    const session = await sessions.find(visit.cookie, {
      // Polling by a script does not count as activity of the admin.
      isGesture: !visit.query.has('poll'),
    });
    switch (session.kind) {
      case 'signed_in': {
        const teamIds = await teams.list(session.admin, session.admin);
        return handle({ ...visit, admin: session.admin, teamIds });
      }
      case 'none':
        return sendSignedOut(visit.response);
      case 'not_admin':
        return sendNotAdmin(visit.response);
      case 'unknown':
        return sendUnknown(visit.response, session.error);
    }
  }

  return {
    open,
    signedIn: (method: Method, path: string, handle: (visit: AdminVisit) => Promise<void>): Route =>
      open(method, path, (visit) => inTurn(visit, () => serveSignedIn(visit, handle))),
  };
}

export function sendSignedOut(response: ServerResponse, title = 'You are not signed in'): void {
  sendAdminPage(response, 401, {
    title,
    children: (
      <>
        <h1>{title}</h1>
        <p>
          Type <code>/permissions log</code> in Slack: the answer has a link to this page, for admins. A
          session ends when nothing was done for half an hour, and after twelve hours.
        </p>
      </>
    ),
  });
}

export function sendNotAdmin(response: ServerResponse): void {
  sendAdminPage(response, 403, {
    title: 'You are no longer an admin',
    children: (
      <>
        <h1>You are no longer an admin</h1>
        <p>
          The grant log is for the admins of the workspace. <code>/permissions status</code> in Slack shows
          your own grants. If you are made an admin again, type <code>/permissions log</code> there.
        </p>
      </>
    ),
  });
}

export function sendUnknown(response: ServerResponse, error: string): void {
  sendAdminPage(
    response,
    503,
    {
      title: 'Slack does not answer',
      children: (
        <>
          <h1>Slack does not answer</h1>
          <p>
            Slack did not say whether you are an admin still (<code>{error}</code>). Load this page again in a
            minute.
          </p>
        </>
      ),
    },
    { 'retry-after': '60' },
  );
}

function sendTooMany(response: ServerResponse): void {
  sendAdminPage(
    response,
    429,
    {
      title: 'Too much at once',
      children: (
        <>
          <h1>Too much at once</h1>
          <p>Many pages of your session are being made already. Load this page again in a moment.</p>
        </>
      ),
    },
    { 'retry-after': '1' },
  );
}

function sendForeign(response: ServerResponse): void {
  sendAdminPage(response, 403, {
    title: 'This came from another page',
    children: (
      <>
        <h1>This came from another page</h1>
        <p>
          Nothing was changed. If it was a button of this page, set <code>PUBLIC_URL</code> to the address at
          which browsers reach the app.
        </p>
      </>
    ),
  });
}

function sendFault(response: ServerResponse): void {
  sendAdminPage(response, 500, {
    title: 'Something went wrong',
    children: (
      <>
        <h1>Something went wrong</h1>
        <p>Try again in a minute.</p>
      </>
    ),
  });
}
