import type { Catalog } from '../../config/catalog';
import type { Database } from '../../database/database';
import type { Grants } from '../../grants/grants';
import { findHead } from '../../grants/log/chain-store';
import type { SendResult } from '../../messages/messenger';
import type { PermissionsBackend } from '../../permissions/backend';
import type { Background } from '../../runtime/background';
import { toBackoffMs } from '../../runtime/backoff';
import { type Clock, hasElapsed, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { MAX_RETRY_AFTER_MS } from '../../slack/rate-limit';
import type { Member } from '../../slack/workspace';
import type { Admins } from '../admins';
import { type HomeContent, loadHomeContent } from './content';
import { createStaleHomes } from './stale-homes';
import { type DueHome, deleteHome, postponeHome, recordOpened, savePublished, takeDueHomes } from './store';

/** At a time, and each time that `refresh` is called: Slack takes some hundred a minute of a workspace (Tier 4). */
const BATCH_SIZE = 10;
const MAX_ATTEMPTS = 8;
const BACKOFF = { firstMs: 1_000, longestMs: MAX_RETRY_AFTER_MS };

export type AppHome = ReturnType<typeof createAppHome>;

/** The App Homes in Slack, kept as fresh as the log. */
export function createAppHome({
  database,
  clock,
  background,
  logger,
  publish,
  ...sources
}: {
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
  const staleHomes = createStaleHomes({ database, clock });
  /** Teams of which Slack limits the rate, and until when. */
  const pausedUntil = new Map<string, number>();

  async function publishOne(home: DueHome): Promise<void> {
    // Read first: the content shows at least this entry.
    const seq = (await findHead(database.query, home.teamId))?.seq ?? 0;
    const content = await loadHomeContent({ database, ...sources }, home, clock.now());
    const result = await publish(home, content);
    if (!result.sent) return retryLater(home, result);
    const { is } = content.log;
    const isAdmin = is === 'unknown' ? undefined : is === 'shown';
    await database.transact((tx) => savePublished(tx, home, { seq, isAdmin, now: clock.now() }));
  }

  async function retryLater(
    home: DueHome,
    { error, isRetryable, retryAfterMs }: SendResult & { sent: false },
  ): Promise<void> {
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

  /** Publishes, in the background, what lags behind the log, also where another instance wrote it. */
  const refresh = background.coalesce('homes', async () => {
    await staleHomes.markOutdated();
    const now = clock.now();
    for (const [teamId, until] of pausedUntil)
      if (hasElapsed(until, now, MAX_RETRY_AFTER_MS)) pausedUntil.delete(teamId);
    const due = await takeDueHomes(database, { now, limit: BATCH_SIZE, notOf: [...pausedUntil.keys()] });
    await Promise.all(due.map(publishOne));
  });

  return {
    /** Somebody opened theirs: stored, and published in the background. Resolves when it is stored. */
    async open(member: Member): Promise<void> {
      const now = clock.now();
      await database.transact((tx) => recordOpened(tx, member, toIsoTime(now), now));
      refresh();
    },
    refresh,
  };
}
