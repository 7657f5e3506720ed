import { z } from 'zod';
import type { BotTokens } from '../oauth/bot-tokens';
import type { CallSlack } from '../slack/web-api';
import type { Member } from '../slack/workspace';

const MAX_NAME_LENGTH = 80;

const userSchema = z.object({
  user: z.object({ real_name: z.string().nullish(), name: z.string().nullish() }),
});

/** What somebody is called in their workspace, for pages, where `<@U…>` is not a name. */
export type FindUserName = (member: Member) => Promise<string | undefined>;

/** By https://docs.slack.dev/reference/methods/users.info */
export function createFindUserName({
  callSlack,
  botTokens,
}: {
  callSlack: CallSlack;
  botTokens: Pick<BotTokens, 'find'>;
}): FindUserName {
  return async (member) => {
    const found = await botTokens.find(member);
    if ('error' in found) return undefined;
    const answer = await callSlack('users.info', { token: found.token, user: member.userId });
    const parsed = userSchema.safeParse(answer.ok ? answer.body : undefined);
    if (!parsed.success) return undefined;
    const { real_name, name } = parsed.data.user;
    return (real_name || name || undefined)?.slice(0, MAX_NAME_LENGTH);
  };
}
