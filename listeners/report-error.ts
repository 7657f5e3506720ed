import type { ListenerDependencies } from './dependencies';
import { createReply } from './reply';

/** The parts that are read of what Bolt gives its error handler. */
interface ListenerFault {
  error: unknown;
  body: object;
  context: { userId?: string; teamId?: string; enterpriseId?: string };
}

/** Where a listener failed. An event goes back to Slack, which sends it again. A person is told. */
export function createErrorReporter(
  dependencies: Pick<ListenerDependencies, 'messenger' | 'retryingMessenger' | 'background' | 'logger'>,
) {
  return async ({ error, body, context }: ListenerFault): Promise<void> => {
    const { userId, enterpriseId, teamId = enterpriseId } = context;
    if ('event' in body || userId === undefined || teamId === undefined) throw error;
    const responseUrl =
      'response_url' in body && typeof body.response_url === 'string' ? body.response_url : undefined;
    createReply(dependencies, { responseUrl, to: { teamId, enterpriseId, userId } }).sendError(error);
  };
}
