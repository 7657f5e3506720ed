import type { Database } from '../database/database';
import type { RequestState } from '../database/schema';
import type { Grants } from '../grants/grants';
import type { LogEntry } from '../grants/log/entry';
import { findStandingRequest } from '../permissions/requests/store';

/** A request from beginning to end. */
export interface RequestHistory {
  id: string;
  /** Undefined where the request itself is no longer kept. */
  askedAt: string | undefined;
  state: RequestState | undefined;
  /** Oldest first. */
  entries: LogEntry[];
}

/** An entry, and all of the request that it is of. */
export interface EntryHistory {
  entry: LogEntry;
  request: RequestHistory | undefined;
}

export interface Histories {
  /** Undefined where there is no such entry in these teams. */
  find(seq: number, teamIds: readonly string[]): Promise<EntryHistory | undefined>;
}

/** Of more tries than anybody makes. */
const ENTRIES_SHOWN = 200;

export function createHistories({ database, grants }: { database: Database; grants: Grants }): Histories {
  return {
    async find(seq, teamIds) {
      const cursor = String(seq - 1);
      const { items } = await grants.listLog({ filter: { teamIds }, order: 'asc', cursor, limit: 1 });
      const [entry] = items;
      if (entry === undefined || entry.seq !== seq) return undefined;
      const { requestId: id, teamId } = entry;
      if (id === null) return { entry, request: undefined };
      const page = await grants.listLog({
        filter: { requestId: id, teamId },
        order: 'asc',
        limit: ENTRIES_SHOWN,
      });
      const found = await findStandingRequest(database.query, id);
      return {
        entry,
        request: { id, askedAt: found?.request.createdAt, state: found?.state, entries: page.items },
      };
    },
  };
}
