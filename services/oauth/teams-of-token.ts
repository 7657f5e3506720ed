import { z } from 'zod';
import type { CallSlack } from '../slack/web-api';

const PAGE_SIZE = '200';
/** A list that never ends must not loop for ever. */
const MAX_PAGES = 100;

const pageSchema = z.object({
  teams: z.array(z.object({ id: z.string() })),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** The workspaces that an enterprise's token reaches: https://docs.slack.dev/reference/methods/auth.teams.list */
export async function listTeamsOfToken(
  callSlack: CallSlack,
  token: string,
): Promise<{ ok: true; teamIds: string[] } | { ok: false; error: string }> {
  const teamIds: string[] = [];
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await callSlack('auth.teams.list', { token, limit: PAGE_SIZE, ...(cursor && { cursor }) });
    if (!answer.ok) return { ok: false, error: answer.error };
    const { data } = pageSchema.safeParse(answer.body);
    if (data === undefined) return { ok: false, error: 'invalid_response' };
    teamIds.push(...data.teams.map(({ id }) => id));
    cursor = data.response_metadata?.next_cursor ?? '';
    if (cursor === '') return { ok: true, teamIds };
  }
  return { ok: false, error: 'too_many_pages' };
}
