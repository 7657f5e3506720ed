import { z } from 'zod';
import type { BotTokens } from '../oauth/bot-tokens';
import { toFailure } from '../slack/errors';
import type { CallSlack } from '../slack/web-api';
import type { ListResult, PermissionsBackend, UserGrants } from './backend';
import type { TriggerExchange } from './exchange/exchange';

const pageSchema = z.object({
  resources: z.array(z.object({ id: z.string().min(2), scopes: z.array(z.string().min(2)) })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/**
 * ADAPTER: Slack's Permissions API, by the two seed documents. Both methods take the arguments that their document names
 * and no other, since Slack answers an unknown argument with an error.
 */
export function createNativeBackend({
  exchange,
  callSlack,
  botTokens,
}: {
  exchange: Pick<TriggerExchange, 'callWithTrigger'>;
  callSlack: CallSlack;
  botTokens: Pick<BotTokens, 'find'>;
}): PermissionsBackend {
  return {
    kind: async () => 'native',
    request({ scopes, trigger }) {
      const args = { scopes: scopes.join(','), user: trigger.userId };
      return exchange.callWithTrigger('apps.permissions.users.request', args, trigger);
    },
    async list({ workspace, cursor, limit }) {
      const found = await botTokens.find(workspace);
      if ('error' in found) return toFailure(found.error);
      const page = { limit: String(limit), ...(cursor !== undefined && { cursor }) };
      const answer = await callSlack('apps.permissions.users.list', { token: found.token, ...page });
      if (answer.ok) return toPage(answer.body, answer.time);
      const isMalformed = answer.cause === 'garbled';
      return isMalformed ? toFailure('malformed_page: it is not JSON with an ok, or far too long') : answer;
    },
  };
}

function toPage(body: unknown, time: number): ListResult {
  const page = pageSchema.safeParse(body);
  if (!page.success) {
    const [issue] = page.error.issues;
    return toFailure(`malformed_page: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const nextCursor = page.data.response_metadata?.next_cursor || undefined;
  return { ok: true, users: mergeUsers(page.data.resources), skipped: [], nextCursor, time };
}

/** A user who is on a page twice holds what both entries say. */
function mergeUsers(resources: readonly { id: string; scopes: string[] }[]): UserGrants[] {
  const byUser = new Map<string, UserGrants>();
  for (const { id, scopes } of resources) {
    const before = byUser.get(id);
    if (before === undefined) byUser.set(id, { userId: id, scopes });
    else before.scopes.push(...scopes);
  }
  return [...byUser.values()];
}
