import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import { toBackoffMs } from '../runtime/backoff';
import { type Clock, hasElapsed } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { MAX_RETRY_AFTER_MS } from '../slack/rate-limit';
import type { SendResult } from './messenger';
import { type DueNotice, deleteNotice, type Notice, postponeNotice, takeDueNotices } from './outbox-store';

/** Sent in parallel: Slack limits messages per conversation, and each user has one. */
const BATCH_SIZE = 10;
/** After a full batch: Slack accepts several hundred messages a minute per workspace. */
const PAUSE_MS = 1_000;
/** With these waits, about a day. Attempts are counted, not hours: the clock may be changed. */
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

  /** Slack took these, and their rows are not deleted yet. */
  const sent = new Set<number>();

  async function remove({ id }: DueNotice): Promise<void> {
    await database.transact((tx) => deleteNotice(tx, id));
    sent.delete(id);
  }

  async function deliver(notice: DueNotice): Promise<void> {
    // An earlier attempt sent it and failed to delete it.
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

  async function deliverDue(): Promise<void> {
    if (!hasElapsed(pausedUntil, clock.now(), PAUSE_MS)) return;
    const due = await takeDueNotices(database, { now: clock.now(), limit: BATCH_SIZE });
    // The notices of one user keep their order.
    const byUser = new Map<string, Promise<void>>();
    for (const notice of due) {
      const key = `${notice.teamId} ${notice.userId}`;
      const before = byUser.get(key) ?? Promise.resolve();
      byUser.set(
        key,
        before.then(() => deliver(notice)),
      );
    }
    await Promise.all(byUser.values());
    if (due.length === BATCH_SIZE) pausedUntil = clock.now() + PAUSE_MS;
  }

  return {
    /** Sends what is due, in the background. */
    deliverDue: background.coalesce('notices', deliverDue),
  };
}
