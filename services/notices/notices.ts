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

const BATCH = 20;
/** Longer than any one message can take: until then nobody else sends it. */
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
  let delivering = false;
  let wanted = false;

  async function deliverOne(notice: DueNotice): Promise<void> {
    const result = await send(notice);
    if (result.sent) return deleteNotice(database.query, notice.id);
    const about = {
      error: result.error,
      user_id: notice.userId,
      event: notice.event,
      attempts: notice.attempts,
    };
    if (!result.again || notice.attempts >= MAX_ATTEMPTS) {
      logger.warn(about, 'a user could not be told: given up');
      return deleteNotice(database.query, notice.id);
    }
    logger.info(about, 'a user could not be told yet');
    const waitMs = result.retryAfterMs ?? 1_000 * 2 ** notice.attempts;
    await postponeNotice(database.query, notice.id, clock.now() + waitMs);
  }

  async function deliverAll(): Promise<void> {
    do {
      wanted = false;
      const now = clock.now();
      const due = await takeDueNotices(database.query, { now, leaseUntil: now + LEASE_MS, limit: BATCH });
      for (const notice of due) await deliverOne(notice);
      if (due.length === BATCH) wanted = true;
    } while (wanted);
  }

  return {
    deliver() {
      wanted = true;
      if (delivering) return;
      delivering = true;
      background.run('notices', () =>
        deliverAll().finally(() => {
          delivering = false;
        }),
      );
    },
  };
}
