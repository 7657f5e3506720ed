import { z } from 'zod';
import { toFailure } from '../slack/errors';
import type { CallSlack } from '../slack/web-api';
import type { ListResult, UserGrants } from './backend';

const pageSchema = z.object({
  resources: z.array(z.object({ id: z.string().min(2), scopes: z.array(z.string().min(2)) })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** One page of `apps.permissions.users.list`, by its seed document: `token`, `cursor` and `limit`, form-encoded. */
export async function listUsers(
  callSlack: CallSlack,
  { token, cursor, limit }: { token: string; cursor: string | undefined; limit: number },
): Promise<ListResult> {
  const answer = await callSlack('apps.permissions.users.list', {
    token,
    limit: String(limit),
    ...(cursor === undefined ? {} : { cursor }),
  });
  if (!answer.ok) {
    const isMalformed = answer.cause === 'garbled';
    return isMalformed ? toFailure('malformed_page: it is not JSON with an ok, or far too long') : answer;
  }
  const page = pageSchema.safeParse(answer.body);
  if (!page.success) {
    const [issue] = page.error.issues;
    return toFailure(`malformed_page: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const nextCursor = page.data.response_metadata?.next_cursor || undefined;
  return { ok: true, users: mergeUsers(page.data.resources), skipped: [], nextCursor, time: answer.time };
}

/** A user that stands on a page twice holds what both say. */
function mergeUsers(resources: readonly { id: string; scopes: string[] }[]): UserGrants[] {
  const byUser = new Map<string, UserGrants>();
  for (const { id, scopes } of resources) {
    const before = byUser.get(id);
    if (before === undefined) byUser.set(id, { userId: id, scopes });
    else before.scopes.push(...scopes);
  }
  return [...byUser.values()];
}
