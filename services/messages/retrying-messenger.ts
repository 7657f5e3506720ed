import type { Background } from '../runtime/background';
import { toBackoffMs } from '../runtime/backoff';
import { type Clock, hasElapsed } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { MAX_RETRY_AFTER_MS } from '../slack/rate-limit';
import type { Member } from '../slack/workspace';
import type { Message, Messenger } from './messenger';

const MAX_ATTEMPTS = 10;
/** A longer one would delay replies after Slack has recovered. */
const BACKOFF = { firstMs: 2_000, longestMs: 30_000 };

export type RetryingMessenger = ReturnType<typeof createRetryingMessenger>;

/** Sends replies, and retries them from memory while Slack cannot be reached. A restart loses them. */
export function createRetryingMessenger({
  messenger,
  background,
  clock,
  logger,
}: {
  messenger: Pick<Messenger, 'send'>;
  background: Background;
  clock: Clock;
  logger: Logger;
}) {
  /** When each is due, by the function that sends it. */
  const dueAts = new Map<() => Promise<void>, number>();

  async function attempt(to: Member, message: Message, attempts: number): Promise<void> {
    const result = await messenger.send(to, message);
    if (result.sent) return;
    const about = { error: result.error, user_id: to.userId, attempts };
    if (!result.isRetryable || attempts >= MAX_ATTEMPTS) {
      logger.error(about, 'reply not delivered: giving up');
      return;
    }
    logger.warn(about, 'reply not delivered yet: will retry');
    const waitMs = result.retryAfterMs ?? toBackoffMs(attempts, BACKOFF);
    dueAts.set(() => attempt(to, message, attempts + 1), clock.now() + waitMs);
  }

  return {
    /** Resolves after the first attempt. */
    send: (to: Member, message: Message): Promise<void> => attempt(to, message, 1),
    /** Retries what is due, in the background. */
    retryDue(): void {
      for (const [sendAgain, dueAt] of dueAts) {
        if (!hasElapsed(dueAt, clock.now(), MAX_RETRY_AFTER_MS)) continue;
        dueAts.delete(sendAgain);
        background.run('late message', sendAgain);
      }
    },
  };
}
