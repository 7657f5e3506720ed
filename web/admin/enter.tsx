import type { ServerResponse } from 'node:http';
import { ADMIN_ENTER_PATH, type LinkState } from '../../services/admin/links';
import type { Member } from '../../services/slack/workspace';
import type { Route } from '../server';
import { toCookie, toNoCookie } from './cookie';
import { type Guard, sendNotAdmin, sendUnknown } from './guard';
import { sendAdminPage, sendPart, sendSeeOther } from './layout';
import { isHttps } from './origin';
import type { AdminParts } from './parts';
import { readForm } from './read-form';

const FIRST_PAGE = '/admin/log';

/**
 * Signs in by a private link, and signs out. The link's secret is posted, never part of a requested address: proxies log
 * addresses, and scanners open them. Only the press of the button consumes the link.
 */
export function createEnterRoutes(
  guard: Guard,
  {
    links,
    sessions,
    accessLog,
    publicUrl,
    logger,
  }: Pick<AdminParts, 'links' | 'sessions' | 'accessLog' | 'publicUrl' | 'logger'>,
): Route[] {
  function noteRefusal({ teamId, userId }: Member, detail: string): Promise<void> {
    return accessLog.record({ teamIds: [teamId], userId, event: 'refused', detail });
  }

  async function refuse(
    response: ServerResponse,
    link: Extract<LinkState, { kind: 'not_valid' }>,
  ): Promise<void> {
    if (link.why === 'used') await noteRefusal(link.member, 'the link was used already');
    if (link.why === 'expired') await noteRefusal(link.member, 'the link had expired');
    sendNotValidPage(response, link.why);
  }

  return [
    guard.open('GET', ADMIN_ENTER_PATH, async ({ response }) => sendEnterPage(response)),

    guard.open('POST', ADMIN_ENTER_PATH, async ({ request, response, cookie }) => {
      const form = await readForm(request);
      const token = toToken(form.get('link') ?? '');
      const found = await links.find(token);
      if (form.has('look'))
        return sendPart(response, found.kind === 'good' ? 200 : 410, <Whose link={found} />);
      if (found.kind !== 'good') return refuse(response, found);
      // The user may have lost the role since the link was made.
      const check = await sessions.check(found.member);
      if (check.is === 'unknown') return sendUnknown(response, check.error);
      const { member } = found;
      const link = await links.use(token, async (tx) =>
        check.is === 'admin' ? sessions.begin(tx, member, { admin: check, old: cookie }) : undefined,
      );
      if (link.kind === 'not_valid') return refuse(response, link);
      if (link.result === undefined) {
        await noteRefusal(member, 'no longer an admin');
        return sendNotAdmin(response);
      }
      const { teamId, userId } = member;
      const setCookie = toCookie(link.result, { isSecure: isHttps(request, publicUrl) });
      logger.info({ team_id: teamId, user_id: userId }, 'admin signed in');
      sendSeeOther(response, FIRST_PAGE, { 'set-cookie': setCookie });
    }),

    guard.open('POST', '/admin/sign-out', async ({ request, response, cookie }) => {
      await sessions.end(cookie);
      const setCookie = toNoCookie({ isSecure: isHttps(request, publicUrl) });
      sendSeeOther(response, '/admin/signed-out', { 'set-cookie': setCookie });
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

/** The fragment of a pasted address. */
function toToken(text: string): string {
  return text.slice(text.lastIndexOf('#') + 1).trim();
}

function sendEnterPage(response: ServerResponse): void {
  sendAdminPage(response, 200, {
    title: 'Open the grant log',
    script: 'enter.js',
    children: (
      <>
        <h1>Open the grant log</h1>
        <div id="whose" role="status">
          <p>Your link is good once. It signs you in on this browser; if it is not yours, close this page.</p>
        </div>
        {/* To an address without what stands behind the #: browsers would take that along to the next page. */}
        <form method="post" action={ADMIN_ENTER_PATH} id="enter">
          <div class="field" data-by-hand>
            <label for="link">Your link</label>
            <input id="link" name="link" autocomplete="off" required aria-describedby="link-hint" />
            <p class="soft" id="link-hint">
              If this field is shown, no script could fill it: copy the whole address of this page into it.
              Nothing behind a # there? Type <code>/permissions log</code> in Slack for a link.
            </p>
          </div>
          <button type="submit" class="primary">
            Sign in
          </button>
        </form>
      </>
    ),
  });
}

function Whose({ link }: { link: LinkState }) {
  if (link.kind === 'not_valid') return <NotValid why={link.why} />;
  return (
    <p>
      This link is for <bdi>{link.member.userId}</bdi>, and good once. It signs you in on this browser; if it
      is not yours, close this page.
    </p>
  );
}

type WhyNot = Extract<LinkState, { kind: 'not_valid' }>['why'];

const NOT_VALID: Record<WhyNot, { title: string; why: string }> = {
  unknown: { title: 'This link is not known', why: 'It may be incomplete, or very old.' },
  used: { title: 'This link was used already', why: 'Each link is good once.' },
  expired: { title: 'This link has expired', why: 'A link is good for five minutes.' },
};

function NotValid({ why }: { why: WhyNot }) {
  return (
    <p>
      <strong>{NOT_VALID[why].title}.</strong> {NOT_VALID[why].why} Type <code>/permissions log</code> in
      Slack for a new one.
    </p>
  );
}

function sendNotValidPage(response: ServerResponse, why: WhyNot): void {
  sendAdminPage(response, 410, {
    title: NOT_VALID[why].title,
    children: (
      <>
        <h1>{NOT_VALID[why].title}</h1>
        <NotValid why={why} />
      </>
    ),
  });
}
