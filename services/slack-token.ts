import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { toMessage } from './errors';
import type { Logger } from './logger';
import type { Workspace } from './workspace';

/** The workspace whose token this is; where Slack does not say, why, and whether it refuses the token. */
export type TeamAnswer = Workspace | { error: string; isRefused: boolean };

/** Asks Slack whose token it is, until it has answered once: https://docs.slack.dev/reference/methods/auth.test */
export function createTeamFinder({
  client,
  logger,
}: {
  client: WebClient;
  logger: Logger;
}): () => Promise<TeamAnswer> {
  let asked: Promise<TeamAnswer> | undefined;

  async function ask(): Promise<TeamAnswer> {
    try {
      const { team_id: teamId, enterprise_id: enterpriseId, team } = await client.auth.test();
      if (teamId === undefined) return { error: 'auth.test names no team', isRefused: false };
      logger.info({ team_id: teamId, team }, 'slack knows the bot token');
      return { teamId, enterpriseId };
    } catch (error) {
      const isRefused = error instanceof WebAPIPlatformError;
      return { error: isRefused ? error.data.error : toMessage(error), isRefused };
    }
  }

  return async () => {
    asked ??= ask();
    const answer = await asked;
    if ('error' in answer) asked = undefined;
    return answer;
  };
}

/** So that an operator reads of a wrong token before a user does. */
export async function verifyToken({
  findTeam,
  logger,
}: {
  findTeam: () => Promise<TeamAnswer>;
  logger: Logger;
}): Promise<void> {
  const answer = await findTeam();
  if (!('error' in answer)) return;
  const { error, isRefused } = answer;
  if (isRefused)
    logger.error({ error }, 'slack refuses SLACK_BOT_TOKEN: copy it again from "OAuth & Permissions"');
  else logger.warn({ error }, 'slack could not be asked about the bot token: going on');
}
