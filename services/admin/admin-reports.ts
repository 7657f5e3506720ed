import type { Database } from '../database/database';
import type { RequestState } from '../database/schema';
import { APP_USER_ID } from '../grants/grant-state';
import type { Grants } from '../grants/grants';
import type { Grant, LogEntry, Page } from '../grants/log/entry';
import { findRequestWithState } from '../permissions/requests/store';
import type { Clock } from '../runtime/clock';
import { createDailyStats } from './daily-stats';
import { type HolderQuery, listHolderKeys, readHolderCursor, toHolderCursor } from './holder-store';
import { type ChainStatus, listChainStatuses } from './store';

/** A user, or the app itself (`userId` is null), and what they hold in a team. */
export interface Holder {
  teamId: string;
  userId: string | null;
  grants: Grant[];
}

/** A request with all of its log entries. */
export interface RequestHistory {
  id: string;
  /** Undefined where retention has deleted the request. */
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

export type AdminReports = ReturnType<typeof createAdminReports>;

/** What admins read beside the log itself. */
export function createAdminReports(parts: { database: Database; grants: Grants; clock: Clock }) {
  const { database, grants } = parts;
  return {
    /** One page of who holds which scopes now. */
    async listHolders(
      page: HolderQuery & { cursor: string | undefined; limit: number },
    ): Promise<Page<Holder>> {
      const { cursor, limit, teamIds } = page;
      const after = cursor === undefined ? undefined : readHolderCursor(cursor);
      // One more than is shown tells whether there is a next page.
      const found = await listHolderKeys(database.query, { ...page, after, limit: limit + 1 });
      const keys = found.slice(0, limit);
      const userIds = [...new Set(keys.map(({ userId }) => userId))];
      const held = userIds.length === 0 ? [] : await grants.listGrants({ teamIds, userIds });
      const last = keys.at(-1);
      return {
        items: keys.map((key) => {
          const userId = key.userId === APP_USER_ID ? null : key.userId;
          const isTheirs = (grant: Grant) => grant.teamId === key.teamId && grant.userId === userId;
          return { teamId: key.teamId, userId, grants: held.filter(isTheirs) };
        }),
        nextCursor: found.length > limit && last !== undefined ? toHolderCursor(last) : undefined,
      };
    },

    /** What a user, or the app itself (`app`), holds. */
    listGrantsOfUser: (teamIds: readonly string[], userId: string): Promise<Grant[]> =>
      grants.listGrants({ teamIds, userId: userId === 'app' ? APP_USER_ID : userId }),

    /** Undefined where there is no such entry in these teams. */
    async findEntry(seq: number, teamIds: readonly string[]): Promise<EntryHistory | undefined> {
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

    dailyStats: createDailyStats(parts),

    listChains: (teamIds: readonly string[]): Promise<ChainStatus[]> =>
      listChainStatuses(database.query, teamIds),
  };
}
