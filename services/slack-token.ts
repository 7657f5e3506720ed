import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { toMessage } from './errors';
import type { Logger } from './logger';

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
