import type { Background } from '../background';
import type { Clock } from '../clock';
import type { Database } from '../database/database';
import type { Logger } from '../logger';
import type { SendResult } from '../slack-messages';
import { type DueNotice, deleteNotice, type Notice, postponeNotice, takeDueNotices } from './store';

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
const MAX_ATTEMPTS = 8;

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

  const remove = (notice: DueNotice) => database.transact((tx) => deleteNotice(tx, notice.id));

  async function deliverOne(notice: DueNotice): Promise<void> {
    const result = await send(notice);
    if (result.sent) return remove(notice);
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
    const waitMs = result.retryAfterMs ?? 1_000 * 2 ** notice.attempts;
    const dueAt = clock.now() + waitMs;
    await database.transact((tx) => postponeNotice(tx, notice.id, dueAt));
  }

  async function deliverInOrder(notices: readonly DueNotice[]): Promise<void> {
    for (const notice of notices) await deliverOne(notice);
  }

  async function deliverAll(): Promise<void> {
    while (isWanted && clock.now() >= pausedUntil) {
      isWanted = false;
      const now = clock.now();
      const take = { now, leaseUntil: now + LEASE_MS, limit: BATCH };
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
