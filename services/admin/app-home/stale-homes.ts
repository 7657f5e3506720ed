import type { Database } from '../../database/database';
import type { Clock } from '../../runtime/clock';
import { listHeadsWithHomes, listStale, markStale } from './store';

/** What others do is shown to admins no more often than this: a busy workspace would use up Slack's patience. */
const ADMIN_REFRESH_INTERVAL_MS = 10_000;

/**
 * Finds the homes that the log has left behind, and notes them in the database: so none is forgotten, whichever instance
 * found it. Recording itself knows nothing of homes.
 */
export function createStaleHomes({ database, clock }: { database: Database; clock: Clock }) {
  /** Up to where each team's log was looked through. At a start all homes are compared once. */
  const seen = new Map<string, number>();

  async function markTeam(teamId: string, head: number): Promise<void> {
    const since = seen.get(teamId);
    const stale = await listStale(database.query, { teamId, since, head });
    if (stale.length > 0) {
      const now = clock.now();
      const due = stale.map(({ userId, isOwn, publishedAt }) => ({
        userId,
        dueAt: isOwn ? now : Math.max(now, publishedAt + ADMIN_REFRESH_INTERVAL_MS),
      }));
      await database.transact((tx) => markStale(tx, teamId, head, due));
    }
    seen.set(teamId, head);
  }

  return {
    async markOutdated(): Promise<void> {
      for (const [teamId, head] of await listHeadsWithHomes(database.query))
        if (seen.get(teamId) !== head) await markTeam(teamId, head);
    },
  };
}
