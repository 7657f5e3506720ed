import type { ServerResponse } from 'node:http';
import type { CustomRoute } from '@slack/bolt';
import { ADMIN_ENTER_PATH, type LinkState } from '../../services/watching/links';
import { readCookie, toCookie, toNoCookie } from './cookie';
import type { Guard } from './guard';
import { sendAdminPage, sendSeeOther } from './layout';
import { isHttps } from './origin';
import type { AdminParts } from './parts';

const FIRST_PAGE = '/admin/log';

/**
 * The way in by a private link, and the way out. Opening the link shows a button; only its press uses the link up, so that
 * programs which look at links before people do cannot.
 */
export function createEnterRoutes(
  guard: Guard,
  { links, sessions, publicUrl, logger }: Pick<AdminParts, 'links' | 'sessions' | 'publicUrl' | 'logger'>,
): CustomRoute[] {
  return [
    guard.open('GET', ADMIN_ENTER_PATH, async ({ response, query }) => {
      const link = await links.find(query.get('token') ?? '');
      if (link.kind === 'good') return sendEnterPage(response, link.member.userId);
      sendNotValidPage(response, link.why);
    }),

    guard.open('POST', ADMIN_ENTER_PATH, async ({ request, response, query }) => {
      const link = await links.use(query.get('token') ?? '');
      if (link.kind !== 'good') return sendNotValidPage(response, link.why);
      // Whoever was signed in here before is not any more.
      await sessions.end(readCookie(request));
      const cookie = toCookie(await sessions.begin(link.member), { isSecure: isHttps(request, publicUrl) });
      const { teamId, userId } = link.member;
      logger.info({ team_id: teamId, user_id: userId }, 'an admin signed in');
      sendSeeOther(response, FIRST_PAGE, { 'set-cookie': cookie });
    }),

    guard.open('POST', '/admin/sign-out', async ({ request, response }) => {
      await sessions.end(readCookie(request));
      const cookie = toNoCookie({ isSecure: isHttps(request, publicUrl) });
      sendSeeOther(response, '/admin/signed-out', { 'set-cookie': cookie });
    }),

    guard.open('GET', '/admin/signed-out', async ({ response }) => {
      sendAdminPage(response, 200, {
        title: 'You are signed out',
        children: (
          <>
            <h1>You are signed out</h1>
            <p>
              To come back, type <code>/permissions log</code> in Slack.
            </p>
          </>
        ),
      });
    }),

    guard.open('GET', '/admin', async ({ response }) => sendSeeOther(response, FIRST_PAGE)),
  ];
}

function sendEnterPage(response: ServerResponse, userId: string): void {
  sendAdminPage(response, 200, {
    title: 'Open the grant log',
    children: (
      <>
        <h1>Open the grant log</h1>
        <p>
          This link is for <bdi>{userId}</bdi>, and good once. It signs you in on this browser; if it is not
          yours, close this page.
        </p>
        {/* Posted to where it came from: the token stands in that address, and nowhere else. */}
        <form method="post">
          <button type="submit" class="primary">
            Sign in
          </button>
        </form>
      </>
    ),
  });
}

const NOT_VALID: Record<Extract<LinkState, { kind: 'not_valid' }>['why'], { title: string; why: string }> = {
  unknown: { title: 'This link is not known', why: 'It may be incomplete, or very old.' },
  used: { title: 'This link was used already', why: 'Each link is good once.' },
  expired: { title: 'This link has expired', why: 'A link is good for five minutes.' },
};

function sendNotValidPage(response: ServerResponse, why: keyof typeof NOT_VALID): void {
  sendAdminPage(response, 410, {
    title: NOT_VALID[why].title,
    children: (
      <>
        <h1>{NOT_VALID[why].title}</h1>
        <p>
          {NOT_VALID[why].why} Type <code>/permissions log</code> in Slack for a new one.
        </p>
      </>
    ),
  });
}
