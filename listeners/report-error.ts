import { createReply, type ReplyDependencies } from './reply';

/** As much as is read of what Bolt passes to its error handler. */
interface ListenerFault {
  error: unknown;
  body: object;
  context: { userId?: string; teamId?: string; enterpriseId?: string };
}

/**
 * Bolt's error handler, also for listeners that were added to the app. An event fails, so that Slack sends it again. Whoever
 * made a gesture is told, with a reference that stands in the log beside the error.
 */
export function createErrorReporter(dependencies: ReplyDependencies) {
  return async ({ error, body, context }: ListenerFault): Promise<void> => {
    const { userId, enterpriseId, teamId = enterpriseId } = context;
    if ('event' in body || userId === undefined || teamId === undefined) throw error;
    const responseUrl =
      'response_url' in body && typeof body.response_url === 'string' ? body.response_url : undefined;
    createReply(dependencies, { responseUrl, to: { teamId, enterpriseId, userId } }).sendError(error);
  };
}
