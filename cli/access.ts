import { type AccessLog, createAccessLog } from '../services/admin/access-log';
import type { AccessEvent, AccessFilter } from '../services/admin/access-store';
import { type OutputFormat, printRecords } from '../services/grants/log/print';
import { systemClock } from '../services/runtime/clock';
import { withDatabase } from './database';
import { printText } from './output';

const PAGE_SIZE = 1_000;
const COLUMNS = 'seq at team_id user_id event detail'.split(' ');

interface Filters {
  format: OutputFormat;
  team?: string;
  user?: string;
  event?: AccessEvent;
  since?: string;
  until?: string;
}

/** `scopekeeper access` */
export async function printAccess({ format, team, user, ...rest }: Filters): Promise<void> {
  const filter = { teamIds: team === undefined ? undefined : [team], userId: user, ...rest };
  await withDatabase(async (database) => {
    const accessLog = createAccessLog({ database, clock: systemClock });
    await printText(printRecords(readAccess(accessLog, filter), { format, columns: COLUMNS }));
  });
}

/** Reads page by page: memory does not grow with the log. */
async function* readAccess(accessLog: AccessLog, filter: AccessFilter) {
  let cursor: number | undefined;
  do {
    const items = await accessLog.list({ filter, order: 'asc', cursor, limit: PAGE_SIZE });
    yield items.map(({ seq, at, teamId: team_id, userId: user_id, event, detail }) => {
      return { seq, at, team_id, user_id, event, detail };
    });
    cursor = items.length === PAGE_SIZE ? items.at(-1)?.seq : undefined;
  } while (cursor !== undefined);
}
