import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import { toBackoffMs } from '../runtime/backoff';
import { type Clock, hasElapsed } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { MAX_RETRY_AFTER_MS } from '../slack/rate-limit';
import type { SendResult } from './messenger';
import { type DueNotice, deleteNotice, type Notice, postponeNotice, takeDueNotices } from './outbox-store';

/** Sent in parallel: Slack limits messages by conversation, and each goes to another user. */
const BATCH_SIZE = 10;
/** After a full batch: Slack takes several hundred messages a minute of a workspace. The next tick goes on. */
const PAUSE_MS = 1_000;
/** Together they wait a day. Attempts are counted because a clock may be set. */
const MAX_ATTEMPTS = 153;
const BACKOFF = { firstMs: 2_000, longestMs: MAX_RETRY_AFTER_MS };

/** Sends each notice of the outbox to its user once, also after a restart. */
export function createOutbox({
  database,
  clock,
  background,
  logger,
  send,
}: {
  database: Database;
  clock: Clock;
  background: Background;
  logger: Logger;
  send: (notice: Notice) => Promise<SendResult>;
}) {
  let pausedUntil = 0;

  /** Slack has taken these; they are still to be deleted. */
  const sent = new Set<number>();

  async function remove({ id }: DueNotice): Promise<void> {
    await database.transact((tx) => deleteNotice(tx, id));
    sent.delete(id);
  }

  async function deliver(notice: DueNotice): Promise<void> {
    // It was sent before, and could not be deleted then.
    if (sent.has(notice.id)) return remove(notice);
    const result = await send(notice);
    if (result.sent) {
      sent.add(notice.id);
      return remove(notice);
    }
    const { userId, event, attempts } = notice;
    const about = { error: result.error, user_id: userId, event, attempts };
    if (!result.isRetryable || attempts >= MAX_ATTEMPTS) {
      logger.warn(about, 'notice not delivered: giving up');
      return remove(notice);
    }
    logger.info(about, 'notice not delivered yet: will retry');
    const waitMs = Math.max(result.retryAfterMs ?? 0, toBackoffMs(attempts, BACKOFF));
    await database.transact((tx) => postponeNotice(tx, notice.id, clock.now() + waitMs));
  }

  async function deliverInOrder(notices: readonly DueNotice[]): Promise<void> {
    for (const notice of notices) await deliver(notice);
  }

  async function deliverDue(): Promise<void> {
    if (!hasElapsed(pausedUntil, clock.now(), PAUSE_MS)) return;
    const due = await takeDueNotices(database, { now: clock.now(), limit: BATCH_SIZE });
    await Promise.all(groupByUser(due).map(deliverInOrder));
    if (due.length === BATCH_SIZE) pausedUntil = clock.now() + PAUSE_MS;
  }

  return {
    /** Sends what is due, in the background. */
    deliverDue: background.coalesce('notices', deliverDue),
  };
}

/** What one user is told keeps its order. */
function groupByUser(notices: readonly DueNotice[]): DueNotice[][] {
  const byUser = new Map<string, DueNotice[]>();
  for (const notice of notices) {
    const key = `${notice.teamId} ${notice.userId}`;
    byUser.set(key, [...(byUser.get(key) ?? []), notice]);
  }
  return [...byUser.values()];
}
