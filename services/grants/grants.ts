import type { Database } from '../database/database';
import type { Grant, GrantFilter, LogEntry, LogFilter, Page } from './log/entry';
import { listLogEntries } from './log/store';
import { listGrantRows } from './store';

/** Reading the record. */
export interface Grants {
  /** What stands now. */
  listGrants(filter: GrantFilter): Promise<Grant[]>;
  /** One page of the grant log. */
  listLog(page: {
    filter: LogFilter;
    order: 'asc' | 'desc';
    cursor?: string;
    limit: number;
  }): Promise<Page<LogEntry>>;
}

export function createGrants({ database }: { database: Database }): Grants {
  return {
    listGrants: (filter) => listGrantRows(database.query, filter),
    listLog: (page) => listLogEntries(database.query, page),
  };
}
