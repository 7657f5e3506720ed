import type { Holder } from '../../services/admin/admin-reports';
import { type HolderOrder, holderOrders, readHolderCursor } from '../../services/admin/holder-store';
import type { Catalog } from '../../services/config/catalog';
import type { Route } from '../server';
import type { Guard } from './guard';
import { SOURCE_LABELS } from './labels';
import { sendAdminPage } from './layout';
import { ScopeLink, UserLink } from './names';
import type { AdminParts } from './parts';
import { readChoice, readName } from './read-field';
import { Scroller } from './scroller';
import { Time } from './time';

const PATH = '/admin/now';
const PAGE_SIZE = 50;

/** `GET /admin/now`: the grants that stand now, by user. */
export function createHoldersRoute(
  guard: Guard,
  { adminReports, catalog }: Pick<AdminParts, 'adminReports' | 'catalog'>,
): Route {
  return guard.signedIn('GET', PATH, async ({ response, query, admin, teamIds }) => {
    const view = readView(query);
    const page =
      'fault' in view ? undefined : await adminReports.listHolders({ ...view, teamIds, limit: PAGE_SIZE });
    sendAdminPage(response, page === undefined ? 400 : 200, {
      title: 'Who holds what now',
      admin,
      navPath: PATH,
      children: (
        <>
          <h1>Who holds what now</h1>
          {'fault' in view || page === undefined ? (
            <p role="alert" class="faults">
              {'fault' in view ? view.fault : ''} <a href={PATH}>Show everybody</a>
            </p>
          ) : (
            <Holders view={view} {...page} catalog={catalog} withTeam={teamIds.length > 1} />
          )}
        </>
      ),
    });
  });
}

export interface HolderView {
  order: HolderOrder;
  isDescending: boolean;
  cursor: string | undefined;
  scope: string | undefined;
}

export function readView(
  query: URLSearchParams,
  path: { scope?: string } = {},
): HolderView | { fault: string } {
  const order = readChoice(holderOrders)(query.get('sort') ?? 'user');
  if ('fault' in order) return { fault: `The order that the address names does not exist. ${order.fault}` };
  const direction = readChoice(['up', 'down'])(query.get('dir') ?? 'up');
  if ('fault' in direction) return { fault: `The order goes up or down. ${direction.fault}` };
  const scope = path.scope === undefined ? undefined : readName(path.scope);
  if (scope !== undefined && 'fault' in scope) return { fault: scope.fault };
  const cursor = query.get('cursor') ?? undefined;
  if (cursor !== undefined && readHolderCursor(cursor) === undefined) {
    return { fault: 'The page that the address names does not exist.' };
  }
  return { order: order.value, isDescending: direction.value === 'down', cursor, scope: scope?.value };
}

function Holders({
  view,
  items,
  nextCursor,
  catalog,
  withTeam,
}: {
  view: HolderView;
  items: readonly Holder[];
  nextCursor: string | undefined;
  catalog: Catalog;
  withTeam: boolean;
}) {
  if (items.length === 0) return <p class="empty">Nobody holds anything.</p>;
  const scopes = listColumns(items, catalog);
  return (
    <>
      <Scroller label="Users and scopes">
        <table class="matrix">
          <caption class="unseen">Users, and since when they hold each scope</caption>
          <thead>
            <tr>
              <SortHeader view={view} order="user" label="User" />
              {withTeam && <th scope="col">Workspace</th>}
              <SortHeader view={view} order="scopes" label="Scopes" />
              <SortHeader view={view} order="latest" label="Newest" />
              {scopes.map((scope) => (
                <th scope="col" key={scope}>
                  <ScopeLink scope={scope} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((holder) => (
              <Row
                key={`${holder.teamId} ${holder.userId}`}
                holder={holder}
                scopes={scopes}
                withTeam={withTeam}
              />
            ))}
          </tbody>
        </table>
      </Scroller>
      <nav class="pages" aria-label="Pages of users">
        {view.cursor !== undefined && <a href={toHref(view)}>First page</a>}
        {nextCursor !== undefined && (
          <a href={toHref(view, nextCursor)} rel="next">
            Next →
          </a>
        )}
      </nav>
    </>
  );
}

/** The scopes of the catalog first, in its order; then others that a user on this page holds. */
function listColumns(items: readonly Holder[], catalog: Catalog): string[] {
  const held = new Set(items.flatMap(({ grants }) => grants.map(({ scope }) => scope)));
  const known = catalog.entries.map(({ scope }) => scope).filter((scope) => held.delete(scope));
  return [...known, ...[...held].sort()];
}

function Row({ holder, scopes, withTeam }: { holder: Holder; scopes: readonly string[]; withTeam: boolean }) {
  const { userId, teamId, grants } = holder;
  const latest = grants
    .map(({ grantedAt }) => grantedAt)
    .toSorted()
    .at(-1);
  return (
    <tr>
      <th scope="row">
        <UserLink userId={userId} teamId={teamId} />
      </th>
      {withTeam && <td>{teamId}</td>}
      <td class="number">{grants.length}</td>
      <td>{latest !== undefined && <Time at={latest} style="day" />}</td>
      {scopes.map((scope) => {
        const grant = grants.find((one) => one.scope === scope);
        return (
          <td key={scope} class={grant === undefined ? 'none' : 'held'}>
            {grant === undefined ? (
              <span class="unseen">no</span>
            ) : (
              <>
                <span aria-hidden="true">✓ </span>
                <Time at={grant.grantedAt} style="day" />{' '}
                <span class="soft">{SOURCE_LABELS[grant.source]}</span>
              </>
            )}
          </td>
        );
      })}
    </tr>
  );
}

function SortHeader({ view, order, label }: { view: HolderView; order: HolderOrder; label: string }) {
  const isThis = view.order === order;
  const isDescending = isThis ? !view.isDescending : order !== 'user';
  const sorted = view.isDescending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={isThis ? sorted : undefined}>
      <a href={toHref({ ...view, order, isDescending })}>
        {label}
        <span aria-hidden="true">{isThis ? (view.isDescending ? ' ↓' : ' ↑') : ''}</span>
      </a>
    </th>
  );
}

function toHref({ order, isDescending }: HolderView, cursor?: string): string {
  const query = new URLSearchParams({ sort: order, dir: isDescending ? 'down' : 'up' });
  if (cursor !== undefined) query.set('cursor', cursor);
  return `${PATH}?${query}`;
}
