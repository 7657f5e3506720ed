import { stringify } from 'node:querystring';
import { type Agent, request } from 'undici';
import { z } from 'zod';
import type { Clock } from '../clock';
import type { ListResult, UserGrants } from './backend';

const TIMEOUT_MS = 30_000;

const pageSchema = z.object({
  resources: z.array(z.object({ id: z.string().min(2), scopes: z.array(z.string().min(2)) })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});
const errorSchema = z.object({ ok: z.literal(false), error: z.string() });

/**
 * One page of `apps.permissions.users.list`, by its seed document: form-encoded, `token`, `cursor` and `limit`.
 * The agent is the caller's own: a slow list must not share connections with a trigger.
 */
export async function listUsers(
  {
    agent,
    clock,
    slackApiUrl,
    botToken,
  }: { agent: Agent; clock: Clock; slackApiUrl: string; botToken: string },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<ListResult> {
  const abort = new AbortController();
  const timer = clock.setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const response = await request(`${slackApiUrl}apps.permissions.users.list`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: stringify({ token: botToken, limit, ...(cursor === undefined ? {} : { cursor }) }),
      signal: abort.signal,
    });
    const text = await response.body.text();
    if (response.statusCode === 429) {
      const seconds = Number(response.headers['retry-after']);
      return fail('ratelimited', Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 30_000);
    }
    if (response.statusCode !== 200) return fail(`http_${response.statusCode}`);
    const date = Date.parse(String(response.headers.date));
    return toPage(text, Math.floor((Number.isNaN(date) ? clock.now() : date) / 1_000));
  } catch {
    return fail(abort.signal.aborted ? 'timeout' : 'network_error');
  } finally {
    timer.cancel();
  }
}

function toPage(text: string, time: number): ListResult {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return fail('malformed_page: it is not JSON');
  }
  const error = errorSchema.safeParse(answer);
  if (error.success) return fail(error.data.error);
  const page = pageSchema.safeParse(answer);
  if (!page.success) {
    const [issue] = page.error.issues;
    return fail(`malformed_page: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const nextCursor = page.data.response_metadata?.next_cursor || undefined;
  return { ok: true, users: mergeUsers(page.data.resources), nextCursor, time };
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

function fail(error: string, retryAfterMs?: number): ListResult {
  return { ok: false, error, retryAfterMs };
}
