import type { Grants } from '../grants';
import type { LogEntry, LogFilter } from './entry';

/** Where in the log a page is: before or after an entry, by its `seq`; with neither, the newest. */
export interface LogPlace {
  before?: number | undefined;
  after?: number | undefined;
}

/** A page of the log as people turn it: the newest first, and whether there is more on either side. */
export interface LogPage {
  filter: LogFilter;
  entries: LogEntry[];
  hasOlder: boolean;
  hasNewer: boolean;
}

const ENTRIES = 10;

/** Reads a page. Where less than a page is newer, it is the newest page. */
export async function findLogPage(
  grants: Pick<Grants, 'listLog'>,
  filter: LogFilter,
  { before, after }: LogPlace = {},
): Promise<LogPage> {
  if (after !== undefined) {
    const newer = await list('asc', after);
    if (newer.length <= ENTRIES) return findLogPage(grants, filter);
    return { filter, entries: newer.slice(0, ENTRIES).reverse(), hasOlder: true, hasNewer: true };
  }
  const older = await list('desc', before);
  return {
    filter,
    entries: older.slice(0, ENTRIES),
    hasOlder: older.length > ENTRIES,
    hasNewer: before !== undefined,
  };

  /** One more than is shown: it says that there is more. */
  async function list(order: 'asc' | 'desc', from: number | undefined): Promise<LogEntry[]> {
    const cursor = from === undefined ? {} : { cursor: String(from) };
    return (await grants.listLog({ filter, order, limit: ENTRIES + 1, ...cursor })).items;
  }
}
