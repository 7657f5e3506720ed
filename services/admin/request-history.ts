import type { Database } from '../database/database';
import type { RequestState } from '../database/schema';
import type { Grants } from '../grants/grants';
import type { LogEntry } from '../grants/log/entry';
import { findRequestWithState } from '../permissions/requests/store';

/** A request with all of its log entries. */
export interface RequestHistory {
  id: string;
  /** Undefined where the request itself was deleted by age. */
  askedAt: string | undefined;
  state: RequestState | undefined;
  /** Oldest first. */
  entries: LogEntry[];
}

/** An entry, and the request that it belongs to. */
export interface EntryHistory {
  entry: LogEntry;
  request: RequestHistory | undefined;
}

/** No request has as many. */
const MAX_ENTRIES = 200;

export type RequestHistories = ReturnType<typeof createRequestHistories>;

export function createRequestHistories({ database, grants }: { database: Database; grants: Grants }) {
  return {
    /** Undefined where there is no such entry in these teams. */
    async find(seq: number, teamIds: readonly string[]): Promise<EntryHistory | undefined> {
      const cursor = String(seq - 1);
      const { items } = await grants.listLog({ filter: { teamIds }, order: 'asc', cursor, limit: 1 });
      const [entry] = items;
      if (entry === undefined || entry.seq !== seq) return undefined;
      const { requestId: id, teamId } = entry;
      if (id === null) return { entry, request: undefined };
      const filter = { requestId: id, teamId };
      const { items: entries } = await grants.listLog({ filter, order: 'asc', limit: MAX_ENTRIES });
      const found = await findRequestWithState(database.query, id);
      return { entry, request: { id, askedAt: found?.request.createdAt, state: found?.state, entries } };
    },
  };
}
