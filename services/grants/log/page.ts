import type { Grants } from '../grants';
import type { LogEntry, LogFilter } from './entry';

/** Which page: the entries before or after a `seq`; with neither, the newest page. */
export interface LogPosition {
  before?: number | undefined;
  after?: number | undefined;
}

/** A page for people: the newest entry first, and whether there are more on either side. */
export interface LogPage {
  filter: LogFilter;
  entries: LogEntry[];
  hasOlder: boolean;
  hasNewer: boolean;
}

const PAGE_SIZE = 10;

/** Reads a page. Returns the newest page where the newer entries do not fill one. */
export async function findLogPage(
  grants: Pick<Grants, 'listLog'>,
  filter: LogFilter,
  { before, after }: LogPosition = {},
): Promise<LogPage> {
  if (after !== undefined) {
    const newer = await list('asc', after);
    if (newer.length <= PAGE_SIZE) return findLogPage(grants, filter);
    return { filter, entries: newer.slice(0, PAGE_SIZE).reverse(), hasOlder: true, hasNewer: true };
  }
  const older = await list('desc', before);
  return {
    filter,
    entries: older.slice(0, PAGE_SIZE),
    hasOlder: older.length > PAGE_SIZE,
    hasNewer: before !== undefined,
  };

  /** One entry more than is shown tells whether there are more. */
  async function list(order: 'asc' | 'desc', from: number | undefined): Promise<LogEntry[]> {
    const cursor = from === undefined ? {} : { cursor: String(from) };
    return (await grants.listLog({ filter, order, limit: PAGE_SIZE + 1, ...cursor })).items;
  }
}
