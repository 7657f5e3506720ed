import type { LogEntry } from '../../../services/grants/log/entry';
import type { Route } from '../../server';
import type { AdminVisit, Guard } from '../guard';
import { sendAdminPage } from '../layout';
import type { AdminParts } from '../parts';
import { Chains } from './chain';
import { Filters } from './filters';
import { LogTable } from './rows';
import { LOG_PATH, type LogView, readLogView, toLogHref, toLogQuery } from './view';

const PAGE_SIZE = 50;

/** `GET /admin/log` */
export function createLogRoute(
  guard: Guard,
  parts: Pick<AdminParts, 'grants' | 'adminReports' | 'catalog'>,
): Route {
  return guard.signedIn('GET', LOG_PATH, async ({ response, query, admin, teamIds }) => {
    const view = readLogView(query, teamIds);
    const isFaulty = Object.keys(view.faults).length > 0;
    const chains = await parts.adminReports.listChains(
      view.filter.teamId === undefined ? teamIds : [view.filter.teamId],
    );
    const page = isFaulty ? undefined : await readPage(parts, view);
    sendAdminPage(response, isFaulty ? 400 : 200, {
      title: 'Grant log',
      admin,
      navPath: LOG_PATH,
      children: (
        <>
          <div class="head">
            <h1>Grant log</h1>
            {page !== undefined && (
              <p class="live" id="live-state" hidden>
                Not live
              </p>
            )}
          </div>
          <Filters view={view} catalog={parts.catalog} teamIds={teamIds} />
          {page === undefined ? (
            <Faults faults={view.faults} />
          ) : (
            <Entries view={view} page={page} teamIds={teamIds} />
          )}
          <Chains chains={chains} />
        </>
      ),
    });
  });
}

interface LogPage {
  entries: LogEntry[];
  hasOlder: boolean;
  hasNewer: boolean;
}

/** A page and one more entry, which shows whether there is another page. */
async function readPage(
  { grants }: Pick<AdminParts, 'grants'>,
  { filter, position }: LogView,
): Promise<LogPage> {
  const newest = () => grants.listLog({ filter, order: 'desc', limit: PAGE_SIZE + 1 });
  if (position?.direction === 'newer') {
    const { items } = await grants.listLog({
      filter,
      order: 'asc',
      cursor: position.seq,
      limit: PAGE_SIZE + 1,
    });
    if (items.length > PAGE_SIZE)
      return { entries: items.slice(0, PAGE_SIZE).reverse(), hasOlder: true, hasNewer: true };
  }
  const { items } =
    position?.direction === 'older'
      ? await grants.listLog({ filter, order: 'desc', cursor: position.seq, limit: PAGE_SIZE + 1 })
      : await newest();
  return {
    entries: items.slice(0, PAGE_SIZE),
    hasOlder: items.length > PAGE_SIZE,
    hasNewer: position?.direction === 'older',
  };
}

function Entries({ view, page, teamIds }: { view: LogView; page: LogPage; teamIds: AdminVisit['teamIds'] }) {
  const { entries, hasOlder, hasNewer } = page;
  const [first, last] = [entries[0], entries.at(-1)];
  const isFiltered = Object.keys(view.fields).length > 0;
  return (
    <>
      <div class="new-place">
        <div role="status" id="new" />
      </div>
      <div
        id="live"
        data-source={`/admin/log/live${toLogQuery(view.fields)}`}
        data-newest={toLogHref(view.fields)}
        data-after={hasNewer ? undefined : (first?.seq ?? 0)}
      >
        <LogTable entries={entries} withTeam={teamIds.length > 1} />
        {entries.length === 0 && (
          <p class="empty" id="empty">
            {isFiltered
              ? 'Nothing in the log is like this.'
              : 'The grant log is empty: nobody has been asked yet.'}
          </p>
        )}
      </div>
      <nav class="pages" aria-label="Pages of the log">
        {hasNewer && (
          <>
            <a href={toLogHref(view.fields)}>Newest</a>
            {first !== undefined && (
              <a href={toLogHref(view.fields, { after: String(first.seq) })} rel="prev">
                ← Newer
              </a>
            )}
          </>
        )}
        {hasOlder && last !== undefined && (
          <a href={toLogHref(view.fields, { before: String(last.seq) })} rel="next" id="older">
            Older →
          </a>
        )}
        <span class="exports">
          Export this view: <a href={`/admin/log/export${toLogQuery(view.fields, { format: 'csv' })}`}>CSV</a>{' '}
          <a href={`/admin/log/export${toLogQuery(view.fields, { format: 'jsonl' })}`}>JSON Lines</a>
        </span>
      </nav>
    </>
  );
}

export function Faults({ faults }: { faults: LogView['faults'] }) {
  return (
    <div class="faults" role="alert">
      <p>This view cannot be shown:</p>
      <ul>
        {Object.entries(faults).map(([name, fault]) => (
          <li key={name}>
            <strong>{FAULT_NAMES[name] ?? name}</strong>: {fault}
          </li>
        ))}
      </ul>
      <p>
        <a href={LOG_PATH}>Show everything</a>
      </p>
    </div>
  );
}

const FAULT_NAMES: Record<string, string> = {
  team: 'Workspace',
  user: 'User',
  scope: 'Scope',
  event: 'Event',
  source: 'Told by',
  trigger: 'Asked by',
  since: 'From',
  until: 'Before',
  q: 'Words',
  request: 'Request',
  asked: 'Of requests',
  cursor: 'Page',
};
