import type { Database } from '../database/database';
import type { Grants } from '../grants/grants';
import type { Clock } from '../runtime/clock';
import { createDailyStats } from './daily-stats';
import { createHolders } from './holders';
import { createRequestHistories } from './request-history';
import { listChainStatuses } from './store';

export type AdminReports = ReturnType<typeof createAdminReports>;

/** What admins read beside the log itself. */
export function createAdminReports(parts: { database: Database; grants: Grants; clock: Clock }) {
  return {
    holders: createHolders(parts),
    requestHistories: createRequestHistories(parts),
    dailyStats: createDailyStats(parts),
    listChains: (teamIds: readonly string[]) => listChainStatuses(parts.database.query, teamIds),
  };
}
