import type { Route } from '../server';
import { GrantTable } from './grant-table';
import type { Guard } from './guard';
import { readView } from './holders';
import { sendAdminPage } from './layout';
import { LogTable } from './log/rows';
import { toLogHref } from './log/view';
import type { AdminParts } from './parts';

const MAX_HOLDERS = 50;
const MAX_ENTRIES = 20;

/** `GET /admin/scope?name=`: the users who hold a scope, and its latest entries. */
export function createScopeRoute(
  guard: Guard,
  { adminReports, grants, catalog }: Pick<AdminParts, 'adminReports' | 'grants' | 'catalog'>,
): Route {
  return guard.signedIn('GET', '/admin/scope', async ({ response, query, admin, teamIds }) => {
    const view = readView(query, { scope: query.get('name') ?? '' });
    if ('fault' in view || view.scope === undefined || view.scope === '') {
      return sendAdminPage(response, 400, {
        title: 'No such scope',
        admin,
        children: (
          <>
            <h1>No such scope</h1>
            <p role="alert">
              {'fault' in view
                ? view.fault
                : 'The address has to name a scope, such as /admin/scope?name=dnd:write:user.'}
            </p>
          </>
        ),
      });
    }
    const { scope } = view;
    const page = await adminReports.listHolders({ ...view, teamIds, limit: MAX_HOLDERS });
    const { items } = await grants.listLog({ filter: { teamIds, scope }, order: 'desc', limit: MAX_ENTRIES });
    const held = page.items.flatMap((holder) => holder.grants.filter((grant) => grant.scope === scope));
    const known = catalog.find(scope);
    const withTeam = teamIds.length > 1;
    const next = new URLSearchParams({ name: scope, cursor: page.nextCursor ?? '' });
    sendAdminPage(response, 200, {
      title: scope,
      admin,
      navPath: '/admin/now',
      children: (
        <>
          <h1>
            <bdi dir="auto">{scope}</bdi>
          </h1>
          {known !== undefined && (
            <p>
              {known.label}. <span class="soft">Users read: “{known.reason}”</span>
            </p>
          )}
          <section aria-labelledby="held">
            <h2 id="held">Held by</h2>
            {held.length === 0 ? (
              <p class="empty">Nobody.</p>
            ) : (
              <GrantTable grants={held} caption="Users who hold this scope" withTeam={withTeam} of="scope" />
            )}
            {page.nextCursor !== undefined && (
              <p>
                <a href={`/admin/scope?${next}`} rel="next">
                  More users →
                </a>
              </p>
            )}
          </section>
          <section aria-labelledby="last">
            <h2 id="last">The latest entries</h2>
            {items.length === 0 ? (
              <p class="empty">None.</p>
            ) : (
              <LogTable entries={items} withTeam={withTeam} />
            )}
            <p>
              <a href={toLogHref({ scope })}>All entries with this scope</a>
            </p>
          </section>
        </>
      ),
    });
  });
}
