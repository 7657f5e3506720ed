import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import { type Clock, isOver } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { LONGEST_RETRY_AFTER_MS } from '../slack/rate-limit';
import type { SendResult } from './messenger';
import { type DueNotice, deleteNotice, type Notice, postponeNotice, takeDueNotices } from './outbox-store';

/** Tells users what was noted, once each, also after a restart. */
export interface Notices {
  /** Sends what is due, in the background. */
  deliver(): void;
}

/** Sent side by side: Slack limits messages by conversation, and each goes to another user. */
const BATCH = 10;
/** After a full batch: Slack takes several hundred messages a minute of a workspace. The next tick goes on. */
const PAUSE_MS = 1_000;
/** Longer than a batch can take: until then nobody else sends it. */
const LEASE_MS = 60_000;
/** Waits of 2 s, doubled up to ten minutes, come to a day. It is counted, not read from a clock that may be set. */
const MAX_ATTEMPTS = 153;

export function createNotices({
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
}): Notices {
  let isDelivering = false;
  let isWanted = false;
  let pausedUntil = 0;

  /** Slack has them; that is still to be written down. */
  const sent = new Set<number>();

  async function remove({ id }: DueNotice): Promise<void> {
    await database.transact((tx) => deleteNotice(tx, id));
    sent.delete(id);
  }

  async function deliverOne(notice: DueNotice): Promise<void> {
    // Only that it was sent could not be written down.
    if (sent.has(notice.id)) return remove(notice);
    const result = await send(notice);
    if (result.sent) {
      sent.add(notice.id);
      return remove(notice);
    }
    const about = {
      error: result.error,
      user_id: notice.userId,
      event: notice.event,
      attempts: notice.attempts,
    };
    if (!result.again || notice.attempts >= MAX_ATTEMPTS) {
      logger.warn(about, 'a user could not be told: given up');
      return remove(notice);
    }
    logger.info(about, 'a user could not be told yet');
    const backoffMs = Math.min(LONGEST_RETRY_AFTER_MS, 1_000 * 2 ** notice.attempts);
    const waitMs = Math.max(result.retryAfterMs ?? 0, backoffMs);
    const dueAt = clock.now() + waitMs;
    await database.transact((tx) => postponeNotice(tx, notice.id, dueAt));
  }

  async function deliverInOrder(notices: readonly DueNotice[]): Promise<void> {
    for (const notice of notices) await deliverOne(notice);
  }

  async function deliverAll(): Promise<void> {
    while (isWanted && isOver(pausedUntil, clock.now(), PAUSE_MS)) {
      isWanted = false;
      const now = clock.now();
      const take = { now, leaseUntil: now + LEASE_MS, limit: BATCH, longestMs: LONGEST_RETRY_AFTER_MS };
      const due = await database.transact((tx) => takeDueNotices(tx, take));
      await Promise.all(groupByUser(due).map(deliverInOrder));
      if (due.length === BATCH) pausedUntil = clock.now() + PAUSE_MS;
    }
  }

  return {
    deliver() {
      isWanted = true;
      if (isDelivering) return;
      isDelivering = true;
      background.run('notices', () =>
        deliverAll().finally(() => {
          isDelivering = false;
        }),
      );
    },
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
