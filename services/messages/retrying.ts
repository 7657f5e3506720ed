import type { Background } from '../runtime/background';
import { type Clock, isOver } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { LONGEST_RETRY_AFTER_MS } from '../slack/rate-limit';
import type { Member } from '../slack/workspace';
import type { Message, Messenger } from './messenger';

/** Answers to people that shall reach them also where Slack could not be reached for a while. A restart forgets them. */
export interface LateMessages {
  /** Sends it now, or else as soon as it can be sent. */
  send(to: Member, message: Message): Promise<void>;
  /** Tries again what is due, in the background. */
  deliver(): void;
}

const MAX_ATTEMPTS = 10;
/** Longer waits would let people stand there long after Slack is back. */
const MAX_WAIT_MS = 30_000;

interface Late {
  to: Member;
  message: Message;
  attempts: number;
  dueAt: number;
}

export function createLateMessages({
  messenger,
  background,
  clock,
  logger,
}: {
  messenger: Pick<Messenger, 'send'>;
  background: Background;
  clock: Clock;
  logger: Logger;
}): LateMessages {
  const late = new Set<Late>();

  async function attempt({ to, message, attempts }: Omit<Late, 'dueAt'>): Promise<void> {
    const result = await messenger.send(to, message);
    if (result.sent) return;
    const about = { error: result.error, user_id: to.userId, attempts };
    if (!result.again || attempts >= MAX_ATTEMPTS) {
      logger.error(about, 'a user could not be answered');
      return;
    }
    logger.warn(about, 'a user could not be answered yet');
    const waitMs = result.retryAfterMs ?? Math.min(MAX_WAIT_MS, 1_000 * 2 ** attempts);
    late.add({ to, message, attempts: attempts + 1, dueAt: clock.now() + waitMs });
  }

  return {
    send: (to, message) => attempt({ to, message, attempts: 1 }),
    deliver() {
      for (const one of late) {
        if (!isOver(one.dueAt, clock.now(), LONGEST_RETRY_AFTER_MS)) continue;
        late.delete(one);
        background.run('late message', () => attempt(one));
      }
    },
  };
}
