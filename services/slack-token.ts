import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { toMessage } from './errors';
import type { Logger } from './logger';

/** Whose token it is. Asked of Slack until it has answered once. */
export function createTeamFinder(client: WebClient): () => Promise<{ teamId: string } | { error: string }> {
  let teamId: string | undefined;
  return async () => {
    if (teamId !== undefined) return { teamId };
    try {
      ({ team_id: teamId } = await client.auth.test());
      return teamId === undefined ? { error: 'auth.test names no team' } : { teamId };
    } catch (error) {
      return { error: error instanceof WebAPIPlatformError ? error.data.error : toMessage(error) };
    }
  };
}

/** Asks Slack once whether the token works, so that an operator reads of a wrong one before a user does. */
export async function verifyToken({ client, logger }: { client: WebClient; logger: Logger }): Promise<void> {
  try {
    const { team_id, team } = await client.auth.test();
    logger.info({ team_id, team }, 'slack knows the bot token');
  } catch (error) {
    if (error instanceof WebAPIPlatformError) {
      logger.error(
        { error: error.data.error },
        'slack refuses SLACK_BOT_TOKEN: copy it again from "OAuth & Permissions"',
      );
    } else {
      logger.warn({ error: toMessage(error) }, 'slack could not be asked about the bot token: going on');
    }
  }
}
