import type { Database } from '../database/database';
import type { Grant, GrantFilter, LogEntry, Page } from './log/entry';
import { type LogQuery, listLogEntries } from './log/store';
import { listGrantsFromStore } from './store';

export type Grants = ReturnType<typeof createGrants>;

/** Reads the grants and the grant log. */
export function createGrants({ database }: { database: Database }) {
  return {
    /** The scopes that are held now. */
    listGrants: (filter: GrantFilter): Promise<Grant[]> => listGrantsFromStore(database.query, filter),
    /** One page of the grant log. */
    listLog: (page: LogQuery): Promise<Page<LogEntry>> => listLogEntries(database.query, page),
  };
}
