import type { Catalog } from '../../config/catalog';
import type { Database } from '../../database/database';
import type { Grants } from '../../grants/grants';
import { findHead } from '../../grants/log/chain-store';
import type { SendResult } from '../../messages/messenger';
import type { PermissionsBackend } from '../../permissions/backend';
import type { Background } from '../../runtime/background';
import { toBackoffMs } from '../../runtime/backoff';
import { type Clock, hasElapsed } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { MAX_RETRY_AFTER_MS } from '../../slack/rate-limit';
import type { Member } from '../../slack/workspace';
import type { Admins } from '../admins';
import { type HomeContent, loadHomeContent } from './content';
import {
  type DueHome,
  deleteHome,
  listHeadsWithHomes,
  listStale,
  markStale,
  postponeHome,
  recordOpened,
  savePublished,
  takeDueHomes,
} from './store';

/** Homes that one refresh publishes: Slack takes about a hundred a minute of a workspace (Tier 4). */
const BATCH_SIZE = 10;
const MAX_ATTEMPTS = 8;
const BACKOFF = { firstMs: 1_000, longestMs: MAX_RETRY_AFTER_MS };
/** How often an admin's home shows what others do: each entry of a busy workspace would exceed Slack's rate limit. */
const ADMIN_REFRESH_INTERVAL_MS = 10_000;

export type AppHome = ReturnType<typeof createAppHome>;

/**
 * Publishes the App Homes that lag behind the log. Which do is stored, so that none is missed, whichever instance wrote
 * the log or found the home; recording knows nothing of homes.
 */
export function createAppHome(parts: {
  database: Database;
  grants: Grants;
  catalog: Catalog;
  admins: Admins;
  backend: Pick<PermissionsBackend, 'kind'>;
  clock: Clock;
  background: Background;
  logger: Logger;
  publish: (member: Member, content: HomeContent) => Promise<SendResult>;
}) {
  const { database, clock, background, logger, publish } = parts;
  /** Up to where each team's log was compared with its homes. A start compares all homes once. */
  const comparedUpTo = new Map<string, number>();
  /** Until when Slack limits the rate of a team. */
  const pausedUntil = new Map<string, number>();

  async function markStaleHomes(): Promise<void> {
    for (const [teamId, head] of await listHeadsWithHomes(database.query)) {
      const since = comparedUpTo.get(teamId);
      if (since === head) continue;
      const stale = await listStale(database.query, { teamId, since, head });
      const now = clock.now();
      const due = stale.map(({ userId, isOwn, publishedAt }) => ({
        userId,
        dueAt: isOwn ? now : Math.max(now, publishedAt + ADMIN_REFRESH_INTERVAL_MS),
      }));
      if (due.length > 0) await database.transact((tx) => markStale(tx, teamId, head, due));
      comparedUpTo.set(teamId, head);
    }
  }

  async function publishOne(home: DueHome): Promise<void> {
    // Read first: the content shows at least this entry.
    const seq = (await findHead(database.query, home.teamId))?.seq ?? 0;
    const content = await loadHomeContent(parts, home, clock.now());
    const result = await publish(home, content);
    if (!result.sent) return retryLater(home, result);
    const { is } = content.log;
    const isAdmin = is === 'unknown' ? undefined : is === 'shown';
    await database.transact((tx) => savePublished(tx, home, { seq, isAdmin, now: clock.now() }));
  }

  async function retryLater(home: DueHome, result: SendResult & { sent: false }): Promise<void> {
    const { error, isRetryable, retryAfterMs } = result;
    const attempts = home.attempts + 1;
    const about = { error, team_id: home.teamId, user_id: home.userId, attempts };
    if (!isRetryable || attempts >= MAX_ATTEMPTS) {
      logger.warn(about, 'App Home not published: giving up until it is opened again');
      return database.transact((tx) => deleteHome(tx, home));
    }
    logger.info(about, 'App Home not published yet: will retry');
    const dueAt = clock.now() + (retryAfterMs ?? toBackoffMs(attempts, BACKOFF));
    if (retryAfterMs !== undefined) pausedUntil.set(home.teamId, dueAt);
    await database.transact((tx) => postponeHome(tx, home, dueAt));
  }

  /** Publishes in the background what lags behind the log. */
  const refresh = background.coalesce('homes', async () => {
    await markStaleHomes();
    const now = clock.now();
    for (const [teamId, until] of pausedUntil)
      if (hasElapsed(until, now, MAX_RETRY_AFTER_MS)) pausedUntil.delete(teamId);
    const due = await takeDueHomes(database, { now, limit: BATCH_SIZE, notOf: [...pausedUntil.keys()] });
    await Promise.all(due.map(publishOne));
  });

  return {
    /** A user opened theirs. Resolves when that is stored; publishes in the background. */
    async open(member: Member): Promise<void> {
      await database.transact((tx) => recordOpened(tx, member, clock.now()));
      refresh();
    },
    refresh,
  };
}
