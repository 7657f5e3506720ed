import { type AccessLog, createAccessLog } from '../services/admin/access-log';
import type { AccessEvent, AccessFilter } from '../services/admin/access-store';
import { loadDatabaseConfig, readEnvironment } from '../services/config/config';
import { openDatabase } from '../services/database/database';
import { type Format, printRecords } from '../services/grants/log/print';
import { systemClock } from '../services/runtime/clock';
import { print } from './output';

const PAGE = 1_000;
const COLUMNS = 'seq at team_id user_id event detail'.split(' ');

interface Filters {
  format: Format;
  team?: string;
  user?: string;
  event?: AccessEvent;
  since?: string;
  until?: string;
}

/** `scopekeeper access` */
export async function printAccess({ format, team, user, ...rest }: Filters): Promise<void> {
  const filter = { teamIds: team === undefined ? undefined : [team], userId: user, ...rest };
  const config = loadDatabaseConfig(readEnvironment());
  const database = await openDatabase({ config, clock: systemClock, mustExist: true });
  try {
    const accessLog = createAccessLog({ database, clock: systemClock });
    await print(printRecords(readAccess(accessLog, filter), { format, columns: COLUMNS }));
  } finally {
    await database.close();
  }
}

/** A page at a time: memory does not grow with the log. */
async function* readAccess(accessLog: AccessLog, filter: AccessFilter) {
  let cursor: number | undefined;
  do {
    const items = await accessLog.list({ filter, order: 'asc', cursor, limit: PAGE });
    yield items.map((entry) => ({
      seq: entry.seq,
      at: entry.at,
      team_id: entry.teamId,
      user_id: entry.userId,
      event: entry.event,
      detail: entry.detail,
    }));
    cursor = items.length === PAGE ? items.at(-1)?.seq : undefined;
  } while (cursor !== undefined);
}
