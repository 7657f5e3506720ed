import type { Route } from '../server';
import { GrantTable } from './grant-table';
import type { Guard } from './guard';
import { sendAdminPage } from './layout';
import { LogTable } from './log/rows';
import { toLogHref } from './log/view';
import type { AdminParts } from './parts';
import { readName } from './read-field';
import { chooseTeams } from './read-team';

const MAX_ENTRIES = 20;

/** `GET /admin/user?id=`: the grants of a user, and their latest entries. `app` is the app itself. */
export function createUserRoute(
  guard: Guard,
  { adminReports, grants }: Pick<AdminParts, 'adminReports' | 'grants'>,
): Route {
  return guard.signedIn('GET', '/admin/user', async ({ response, query, admin, teamIds: all }) => {
    const id = readName(query.get('id') ?? '');
    const teamIds = chooseTeams(query, all);
    if ('fault' in id || id.value === '' || teamIds.length === 0) {
      return sendAdminPage(response, 400, {
        title: 'No such user',
        admin,
        children: (
          <>
            <h1>No such user</h1>
            <p role="alert">
              The address has to name a user, such as /admin/user?id=U012AB3CD, whom you may see.
            </p>
          </>
        ),
      });
    }
    const isApp = id.value === 'app';
    const held = await adminReports.listGrantsOfUser(teamIds, id.value);
    const { items } = isApp
      ? { items: [] }
      : await grants.listLog({ filter: { teamIds, userId: id.value }, order: 'desc', limit: MAX_ENTRIES });
    const withTeam = all.length > 1;
    sendAdminPage(response, 200, {
      title: isApp ? 'The app' : id.value,
      admin,
      navPath: '/admin/now',
      children: (
        <>
          <h1>{isApp ? 'The app itself' : <bdi dir="auto">{id.value}</bdi>}</h1>
          <section aria-labelledby="held">
            <h2 id="held">Holds now</h2>
            {held.length === 0 ? (
              <p class="empty">Nothing.</p>
            ) : (
              <GrantTable grants={held} caption="Scopes held now" withTeam={withTeam} of="user" />
            )}
          </section>
          {!isApp && (
            <section aria-labelledby="last">
              <h2 id="last">The latest entries</h2>
              {items.length === 0 ? (
                <p class="empty">None.</p>
              ) : (
                <LogTable entries={items} withTeam={withTeam} />
              )}
              <p>
                <a href={toLogHref({ user: id.value })}>All entries of this user</a>
              </p>
            </section>
          )}
        </>
      ),
    });
  });
}
