import type { Message } from '../services/messages/messenger';
import { toErrorMessage } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { createShortId } from '../services/runtime/short-id';
import type { Services } from '../services/services';
import type { Member } from '../services/slack/workspace';
import { faultMessage } from './blocks/outcome';

export type ReplyDependencies = Pick<Services, 'messenger' | 'retryingMessenger' | 'background'> & {
  logger: Logger;
};
export type Reply = ReturnType<typeof createReply>;

/**
 * Answers one user, privately. The answer goes out in the background: Slack's own 200 does not wait for it.
 *
 * Where there is no `response_url` (Slack gives none for shortcuts and modals), or it fails, the answer is a direct message.
 * One that cannot be sent is tried again for some minutes.
 */
export function createReply(
  { messenger, retryingMessenger, background, logger }: ReplyDependencies,
  { responseUrl, to }: { responseUrl?: string | undefined; to: Member },
) {
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

  /** Says that something of ours failed, with a reference that stands in the log beside the error. */
  function sendError(error: unknown): void {
    const reference = createShortId();
    logger.error({ err: error, reference, user_id: userId }, 'listener failed');
    send(faultMessage(reference));
  }

  return {
    send,
    /** Puts the message in the place of the one whose button was pressed. */
    replace: (message: Message) => background.run('reply', () => sendOrFallBack(message, true)),
    /** Deletes the message whose button was pressed; sends `otherwise` where Slack does not let it. */
    dismiss: (otherwise?: Message) => background.run('reply', () => dismiss(otherwise)),
    sendError,
    /** Runs work that answers, in the background. Where it fails, the user is told. */
    after: (name: string, work: () => Promise<void>) => background.run(name, () => work().catch(sendError)),
  };
}
