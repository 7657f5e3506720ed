import { createReference } from '../services/reference';
import type { ListenerDependencies } from './dependencies';

/** The parts that are read of what Bolt gives its error handler. */
interface Fault {
  error: unknown;
  body: object;
  context: { userId?: string; teamId?: string; enterpriseId?: string };
}

/**
 * Where a listener failed. An event goes back to Slack, which sends it again. A person is told, with a reference that
 * stands in the log beside the fault.
 */
export function createErrorReporter({
  lateMessages,
  background,
  logger,
}: Pick<ListenerDependencies, 'lateMessages' | 'background' | 'logger'>) {
  return async ({ error, body, context }: Fault): Promise<void> => {
    if ('event' in body) throw error;
    const reference = createReference();
    logger.error({ err: error, reference, user_id: context.userId }, 'a listener failed');
    const { userId, enterpriseId, teamId = enterpriseId } = context;
    if (userId === undefined || teamId === undefined) return;
    const text = `Something went wrong on our side, and nothing was asked or changed that you did not see. Try again; if it stays so, tell an admin the reference \`${reference}\`.`;
    background.run('reply', () => lateMessages.send({ teamId, enterpriseId, userId }, { text }));
  };
}
