import { systemClock } from '../services/clock';
import { loadDatabaseConfig, readEnvironment } from '../services/config';
import { openDatabase } from '../services/database/database';
import { createGrants, type Grants } from '../services/grants/grants';
import type { GrantFilter, LogFilter } from '../services/grants/log-entry';
import { type Format, printRecords, toGrantRecord, toLogRecord } from '../services/grants/print';
import { print } from './output';

const PAGE = 1_000;
const LOG_COLUMNS =
  'seq at team_id user_id event scopes source request_id trigger_source event_id error reason'.split(' ');
const GRANT_COLUMNS = 'team_id user_id scope granted_at source'.split(' ');

interface Filters {
  format: Format;
  team?: string;
  user?: string;
  scope?: string;
}

interface LogFilters extends Filters {
  event?: LogFilter['event'];
  since?: string;
  until?: string;
  limit?: number;
}

/** `scopekeeper log` */
export async function printLog(filters: LogFilters): Promise<void> {
  const { team: teamId, user: userId, scope, event, since, until, limit } = filters;
  await withGrants(async (grants) => {
    const filter = { teamId, userId, scope, event, since, until };
    const entries = readLog(grants, filter, limit ?? Number.POSITIVE_INFINITY);
    await print(printRecords(entries, { format: filters.format, columns: LOG_COLUMNS }));
  });
}

/** A page at a time: memory does not grow with the log. */
async function* readLog(grants: Grants, filter: LogFilter, limit: number) {
  let cursor: string | undefined;
  let left = limit;
  do {
    const page = await grants.listLog({ filter, order: 'asc', cursor, limit: Math.min(PAGE, left) });
    yield page.items.map(toLogRecord);
    left -= page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && left > 0);
}

/** `scopekeeper grants` */
export async function printGrants({ format, team: teamId, user: userId, scope }: Filters): Promise<void> {
  await withGrants(async (grants) => {
    const records = readGrants(grants, { teamId, userId, scope });
    await print(printRecords(records, { format, columns: GRANT_COLUMNS }));
  });
}

async function* readGrants(grants: Grants, filter: GrantFilter) {
  yield (await grants.listGrants(filter)).map(toGrantRecord);
}

async function withGrants(run: (grants: Grants) => Promise<void>): Promise<void> {
  const config = loadDatabaseConfig(readEnvironment());
  const database = await openDatabase({ config, clock: systemClock, mustExist: true });
  try {
    await run(createGrants({ database }));
  } finally {
    await database.close();
  }
}
