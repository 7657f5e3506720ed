import { toMessage } from '../services/errors';
import type { Message } from '../services/slack-messages';
import type { Member } from '../services/workspace';
import type { ListenerDependencies } from './dependencies';

/** Answers one user, privately. The answer goes out in the background: Slack's own 200 does not wait for it. */
export interface Reply {
  send(message: Message): void;
  /** Puts the message in the place of the one whose button was pressed. */
  replace(message: Message): void;
  /** Takes away the message whose button was pressed. */
  dismiss(): void;
}

/**
 * There is no `response_url` where Slack gives none (shortcuts, modals): the answer then comes as a direct
 * message, and so it does where the `response_url` fails, so that nobody is left with
 * silence. Where Slack cannot be reached at all, it comes when it can.
 */
export function createReply(
  {
    messenger,
    lateMessages,
    background,
    logger,
  }: Pick<ListenerDependencies, 'messenger' | 'lateMessages' | 'background' | 'logger'>,
  { responseUrl, to }: { responseUrl?: string | undefined; to: Member },
): Reply {
  const { userId } = to;

  async function sendOrFallBack(message: Message, replaceOriginal: boolean): Promise<void> {
    if (responseUrl === undefined) return lateMessages.send(to, message);
    try {
      const how = { response_type: 'ephemeral', replace_original: replaceOriginal };
      await messenger.respond(responseUrl, { ...how, ...message });
    } catch (error) {
      logger.warn(
        { error: toMessage(error), user_id: userId },
        'a response_url did not work: answering directly',
      );
      await lateMessages.send(to, message);
    }
  }

  return {
    send: (message) => background.run('reply', () => sendOrFallBack(message, false)),
    replace: (message) => background.run('reply', () => sendOrFallBack(message, true)),
    dismiss: () =>
      background.run('reply', async () => {
        if (responseUrl !== undefined) await messenger.respond(responseUrl, { delete_original: true });
      }),
  };
}
