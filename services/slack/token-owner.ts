import { z } from 'zod';
import type { Logger } from '../runtime/logger';
import { isRefusal } from './errors';
import type { CallSlack } from './web-api';
import type { Workspace } from './workspace';

/**
 * The workspace that owns the token (or the enterprise: `teamId` is then its id), and the app's bot; or why Slack does not
 * say, and whether it refuses the token.
 */
export type TokenOwner =
  | (Workspace & { botUserId: string | undefined })
  | { error: string; isRefused: boolean };

const teamSchema = z.object({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  team: z.string().optional(),
  user_id: z.string().optional(),
});

/** Asks Slack whose token it is, and caches the answer: https://docs.slack.dev/reference/methods/auth.test */
export function createTokenOwnerFinder({
  callSlack,
  token,
  logger,
}: {
  callSlack: CallSlack;
  token: string;
  logger: Logger;
}): () => Promise<TokenOwner> {
  let asked: Promise<TokenOwner> | undefined;

  async function ask(): Promise<TokenOwner> {
    const answer = await callSlack('auth.test', { token });
    if (!answer.ok) return { error: answer.error, isRefused: isRefusal(answer.cause) };
    const { data } = teamSchema.safeParse(answer.body);
    if (data === undefined) return { error: 'auth.test names no team', isRefused: false };
    logger.info({ team_id: data.team_id, team: data.team }, 'slack accepted SLACK_BOT_TOKEN');
    return {
      teamId: data.team_id,
      enterpriseId: data.enterprise_id ?? undefined,
      botUserId: data.user_id,
    };
  }

  return async () => {
    asked ??= ask();
    const answer = await asked;
    if ('error' in answer) asked = undefined;
    return answer;
  };
}

/** Logs a wrong token at the start, before a user meets it. */
export async function warnOfWrongToken({
  findTokenOwner,
  logger,
}: {
  findTokenOwner: () => Promise<TokenOwner>;
  logger: Logger;
}): Promise<void> {
  const answer = await findTokenOwner();
  if (!('error' in answer)) return;
  const { error, isRefused } = answer;
  if (isRefused)
    logger.error({ error }, 'slack refuses SLACK_BOT_TOKEN: copy it again from "OAuth & Permissions"');
  else logger.warn({ error }, 'slack could not be asked about the bot token: continuing');
}
