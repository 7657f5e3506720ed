import type { AccessEntry } from '../../services/admin/access-store';
import type { OwnSession } from '../../services/admin/sessions';
import type { Route } from '../server';
import type { Guard } from './guard';
import { ACCESS_LABELS } from './labels';
import { sendAdminPage, sendSeeOther } from './layout';
import { UserLink } from './names';
import type { AdminParts } from './parts';
import { readForm } from './read-form';
import { Scroller } from './scroller';
import { Time } from './time';

const PATH = '/admin/access';
const PAGE_SIZE = 50;
const CURSOR = /^\d{1,15}$/;

/** `GET /admin/access`: the admin's own sessions, and the access log; `POST /admin/access/end` ends a session. */
export function createAccessRoutes(
  guard: Guard,
  { sessions, accessLog }: Pick<AdminParts, 'sessions' | 'accessLog'>,
): Route[] {
  return [
    guard.signedIn('GET', PATH, async ({ response, query, cookie, admin, teamIds }) => {
      const before = query.get('before') ?? '';
      const cursor = CURSOR.test(before) ? Number(before) : undefined;
      const own = await sessions.listOwn(admin);
      const found = await accessLog.list({
        filter: { teamIds },
        order: 'desc',
        cursor,
        limit: PAGE_SIZE + 1,
      });
      sendAdminPage(response, 200, {
        title: 'Access',
        admin,
        navPath: PATH,
        children: (
          <>
            <h1>Access</h1>
            <OwnSessions sessions={own} current={sessions.toKey(cookie)} />
            <section aria-labelledby="access-log">
              <h2 id="access-log">Access log</h2>
              <p class="soft">
                Who had a link to this page, signed in or out, was refused, exported, or began a sync.
              </p>
              <Entries entries={found.slice(0, PAGE_SIZE)} withTeam={teamIds.length > 1} />
              <nav class="pages" aria-label="Pages of the access log">
                {cursor !== undefined && <a href={PATH}>Newest</a>}
                {found.length > PAGE_SIZE && (
                  <a href={`${PATH}?before=${found[PAGE_SIZE - 1]?.seq}`} rel="next">
                    Older →
                  </a>
                )}
              </nav>
            </section>
          </>
        ),
      });
    }),

    guard.signedIn('POST', `${PATH}/end`, async ({ request, response, admin }) => {
      const key = (await readForm(request)).get('session');
      if (key !== null) await sessions.endOwn(admin, key);
      sendSeeOther(response, PATH);
    }),
  ];
}

function OwnSessions({
  sessions,
  current,
}: {
  sessions: readonly OwnSession[];
  current: string | undefined;
}) {
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Your sessions</h2>
      <Scroller label="Your sessions, line by line">
        <table class="grants">
          <caption class="unseen">Browsers in which you are signed in</caption>
          <thead>
            <tr>
              <th scope="col">Signed in</th>
              <th scope="col">Last used</th>
              <th scope="col">End it</th>
            </tr>
          </thead>
          <tbody>
            {sessions.map(({ key, begunAt, seenAt }) => (
              <tr key={key}>
                <td>
                  <Time at={begunAt} style="minute" />
                </td>
                <td>
                  <Time at={seenAt} style="minute" />
                </td>
                <td>
                  {key === current ? (
                    'This browser: sign out above'
                  ) : (
                    <form method="post" action={`${PATH}/end`}>
                      <input type="hidden" name="session" value={key} />
                      <button type="submit" class="quiet" aria-label={`End the session from ${begunAt}`}>
                        End
                      </button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <p class="soft">
        A session ends by itself when nothing was done for half an hour, and after twelve hours.
      </p>
    </section>
  );
}

function Entries({ entries, withTeam }: { entries: readonly AccessEntry[]; withTeam: boolean }) {
  if (entries.length === 0) return <p class="empty">Nothing.</p>;
  return (
    <Scroller label="The access log, line by line">
      <table class="grants">
        <caption class="unseen">Entries of the access log, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {withTeam && <th scope="col">Workspace</th>}
            <th scope="col">User</th>
            <th scope="col">What</th>
            <th scope="col">Detail</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ seq, at, teamId, userId, event, detail }) => (
            <tr key={seq}>
              <td>
                <Time at={at} />
              </td>
              {withTeam && <td>{teamId}</td>}
              <td>
                <UserLink userId={userId} teamId={teamId} />
              </td>
              <td>{ACCESS_LABELS[event]}</td>
              <td dir="auto">{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}
