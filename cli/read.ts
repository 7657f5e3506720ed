import type { Database } from '../services/database/database';
import { createGrants, type Grants } from '../services/grants/grants';
import { listHeads } from '../services/grants/log/chain-store';
import type { GrantFilter, LogEntry, LogFilter } from '../services/grants/log/entry';
import {
  type OutputFormat,
  printLogEntries,
  printRecords,
  toGrantRecord,
} from '../services/grants/log/print';
import { withDatabase } from './database';
import { followLog } from './follow';
import { printText } from './output';

const PAGE_SIZE = 1_000;
const GRANT_COLUMNS = 'team_id user_id scope granted_at source'.split(' ');

interface Filters {
  format: OutputFormat;
  team?: string;
  user?: string;
  scope?: string;
}

interface LogFilters extends Filters {
  event?: LogFilter['event'];
  since?: string;
  until?: string;
  limit?: number;
  follow?: boolean;
}

/** `scopekeeper log` */
export async function printLog(filters: LogFilters): Promise<void> {
  const { team: teamId, user: userId, scope, event, since, until, limit, follow } = filters;
  await withDatabase(async (database) => {
    const grants = createGrants({ database });
    const filter = { teamId, userId, scope, event, since, until };
    const entries = follow ? readAndFollow(grants, database, filter) : readLog(grants, filter, limit);
    await printText(printLogEntries(entries, filters.format));
  });
}

/** Reads page by page: memory does not grow with the log. */
async function* readLog(
  grants: Grants,
  filter: LogFilter,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<LogEntry[]> {
  let cursor: string | undefined;
  let left = limit;
  do {
    const page = await grants.listLog({ filter, order: 'asc', cursor, limit: Math.min(PAGE_SIZE, left) });
    yield page.items;
    left -= page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && left > 0);
}

/** The entries up to the heads of now, then the new ones: none is missed or printed twice. */
async function* readAndFollow(
  grants: Grants,
  database: Database,
  filter: LogFilter,
): AsyncGenerator<LogEntry[]> {
  const heads = await listHeads(database.query);
  for await (const items of readLog(grants, filter)) {
    yield items.filter(({ teamId, seq }) => seq <= (heads.get(teamId) ?? 0));
  }
  yield* followLog(database, grants, { filter, heads });
}

/** `scopekeeper grants` */
export async function printGrants({ format, team: teamId, user: userId, scope }: Filters): Promise<void> {
  await withDatabase(async (database) => {
    const records = readGrants(createGrants({ database }), { teamId, userId, scope });
    await printText(printRecords(records, { format, columns: GRANT_COLUMNS }));
  });
}

async function* readGrants(grants: Grants, filter: GrantFilter) {
  yield (await grants.listGrants(filter)).map(toGrantRecord);
}
