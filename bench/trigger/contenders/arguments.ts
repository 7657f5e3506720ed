import { z } from 'zod';

/** What a contender of the bench's own is started with: JSON, its first argument. */
export const argumentsSchema = z.object({
  slackApiUrl: z.string(),
  signingSecret: z.string(),
  /** To keep installations in. */
  folder: z.string(),
});

/** What each contender asks for. The app is told by the text of the command. */
export const SCOPES = 'dnd:write:user';
