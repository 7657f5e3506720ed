import { createReference } from '../services/reference';
import { sendDirectMessage } from '../services/slack-messages';
import type { ListenerDependencies } from './dependencies';

/** The parts that are read of what Bolt gives its error handler. */
interface Fault {
  error: Error;
  body: object;
  context: { userId?: string };
}

/**
 * Where a listener failed. An event goes back to Slack, which sends it again. A person is told, with a reference that
 * stands in the log beside the fault.
 */
export function createErrorReporter({
  client,
  background,
  logger,
}: Pick<ListenerDependencies, 'client' | 'background' | 'logger'>) {
  return async ({ error, body, context }: Fault): Promise<void> => {
    if ('event' in body) throw error;
    const reference = createReference();
    logger.error({ err: error, reference, user_id: context.userId }, 'a listener failed');
    const { userId } = context;
    if (userId === undefined) return;
    const text = `Something went wrong on our side, and nothing was asked or changed that you did not see. Try again; if it stays so, tell an admin the reference \`${reference}\`.`;
    background.run('reply', async () => {
      const result = await sendDirectMessage(client, userId, { text });
      if (!result.sent)
        logger.error({ error: result.error, user_id: userId }, 'a user could not be answered');
    });
  };
}
