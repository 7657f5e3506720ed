import type { Message, Messenger } from '../services/messages/messenger';
import type { RetryingMessenger } from '../services/messages/retrying-messenger';
import type { Background } from '../services/runtime/background';
import { toErrorMessage } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { createShortId } from '../services/runtime/short-id';
import type { Member } from '../services/slack/workspace';
import { faultMessage } from './blocks/outcome';

/** What an answer is made with. */
export interface ReplyDependencies {
  messenger: Messenger;
  retryingMessenger: RetryingMessenger;
  background: Background;
  logger: Logger;
}

/** Answers one user, privately. The answer goes out in the background: Slack's own 200 does not wait for it. */
export interface Reply {
  send(message: Message): void;
  /** Puts the message in the place of the one whose button was pressed. */
  replace(message: Message): void;
  /** Takes away the message whose button was pressed; where Slack does not let it, says the other one. */
  dismiss(otherwise?: Message): void;
  /** Says that something of ours failed, with a reference that stands in the log beside the fault. */
  sendError(error: unknown): void;
  /** Runs, in the background, work that answers. Where it fails, the user is told. */
  after(name: string, work: () => Promise<void>): void;
}

/**
 * There is no `response_url` where Slack gives none (shortcuts, modals): the answer then comes as a direct
 * message, and so it does where the `response_url` fails, so that nobody is left with
 * silence. Where Slack cannot be reached at all, it comes when it can.
 */
export function createReply(
  { messenger, retryingMessenger, background, logger }: ReplyDependencies,
  { responseUrl, to }: { responseUrl?: string | undefined; to: Member },
): Reply {
  const { userId } = to;

  async function sendOrFallBack(message: Message, replaceOriginal: boolean): Promise<void> {
    if (responseUrl === undefined) return retryingMessenger.send(to, message);
    try {
      const how = { response_type: 'ephemeral', replace_original: replaceOriginal };
      await messenger.respond(responseUrl, { ...how, ...message });
    } catch (error) {
      logger.warn(
        { error: toErrorMessage(error), user_id: userId },
        'response_url failed: sending a direct message instead',
      );
      await retryingMessenger.send(to, message);
    }
  }

  async function dismiss(otherwise: Message | undefined): Promise<void> {
    if (responseUrl === undefined) return;
    try {
      await messenger.respond(responseUrl, { delete_original: true });
    } catch (error) {
      logger.warn({ error: toErrorMessage(error), user_id: userId }, 'failed to delete a message');
      if (otherwise !== undefined) await retryingMessenger.send(to, otherwise);
    }
  }

  const send = (message: Message) => background.run('reply', () => sendOrFallBack(message, false));

  function sendError(error: unknown): void {
    const reference = createShortId();
    logger.error({ err: error, reference, user_id: userId }, 'listener failed');
    send(faultMessage(reference));
  }

  return {
    send,
    replace: (message) => background.run('reply', () => sendOrFallBack(message, true)),
    dismiss: (otherwise) => background.run('reply', () => dismiss(otherwise)),
    sendError,
    after: (name, work) => background.run(name, () => work().catch(sendError)),
  };
}
