import type { Catalog } from '../catalog';
import type { Clock } from '../clock';
import { toConsentUrl } from '../consent/authorize-url';
import { DEAD_TOKEN_ERRORS } from '../consent/revoke';
import { toCatalogScopes } from '../consent/scope-names';
import type { Database } from '../database/database';
import type { Renewal } from '../installations/renewal';
import { createState, insertConsentState, STATE_TTL_MS, toStateHash } from '../installations/states';
import { deleteToken, type SealedToken } from '../installations/token-store';
import { listUserTokens } from '../installations/user-store';
import type { CallSlack } from '../slack-api';
import { createRate } from '../sync/rate';
import { mayBeShown, type TriggerExchange } from '../trigger/exchange';
import type { ListResult, PermissionPrompt, PermissionsBackend, UserGrants } from './backend';

/** `auth.test` has a limit of its own, some hundred calls a minute: https://docs.slack.dev/reference/methods/auth.test */
const AUTH_TESTS_PER_MINUTE = 100;

/**
 * ADAPTER: OAuth v2 user scopes, for today's Slack. A request exchanges the trigger for a modal with a link to Slack's
 * consent page; the answer comes by the browser (`services/consent/`). The list is made of what each user's token holds.
 */
export function createOAuthBackend({
  exchange,
  database,
  renewal,
  callSlack,
  authorizeUrl,
  clientId,
  redirectUri,
  catalog,
  clock,
  toView,
}: {
  exchange: TriggerExchange;
  database: Database;
  renewal: Renewal;
  callSlack: CallSlack;
  authorizeUrl: string;
  clientId: string;
  redirectUri: string | undefined;
  catalog: Catalog;
  clock: Clock;
  /** The modal: Block Kit's `view`. */
  toView: (prompt: PermissionPrompt, url: string) => object;
}): PermissionsBackend {
  const rate = createRate({ perMinute: AUTH_TESTS_PER_MINUTE, clock });

  return {
    kind: async () => 'oauth',

    async request(prompt) {
      const { requestId, scopes, held, trigger } = prompt;
      const { teamId, enterpriseId, userId } = trigger;
      const state = createState();
      const asked = { scopes: [...scopes, ...held], state, teamId };
      const url = toConsentUrl({ authorizeUrl, clientId, redirectUri, ...asked });
      const expiresAtMs = clock.now() + STATE_TTL_MS;
      const result = await exchange.exchange(
        'views.open',
        { view: JSON.stringify(toView(prompt, url)) },
        trigger,
      );
      if (!mayBeShown(result)) return result;
      // Whoever follows a link that was shown, heard of or not, is to be known when they come back.
      const viewId = result.ok ? result.viewId : undefined;
      const consent = { requestId, teamId, enterpriseId, userId, viewId };
      await database.transact((tx) =>
        insertConsentState(tx, { stateHash: toStateHash(state), expiresAtMs, consent }),
      );
      return result;
    },

    /** A page may hold fewer users than asked for, where the rate limit ends it. The cursor is the last user. */
    async list({ workspace: { teamId }, cursor, limit }) {
      const held = await listUserTokens(database.query, { teamId, after: cursor ?? '', limit });
      const users: UserGrants[] = [];
      let time = Math.floor(clock.now() / 1_000);
      let last: string | undefined;
      for (const sealed of held) {
        const waitMs = rate.take();
        const tested = waitMs > 0 ? toLimited(waitMs) : await testToken(sealed);
        if (!tested.ok) {
          if (tested.error !== 'ratelimited' || last === undefined) return tested;
          return { ok: true, users, nextCursor: last, time };
        }
        users.push(...tested.users);
        time = Math.min(time, tested.time);
        last = sealed.place.userId;
      }
      return { ok: true, users, nextCursor: held.length === limit ? last : undefined, time };
    },
  };

  async function testToken(sealed: SealedToken): Promise<ListResult> {
    const { userId = '' } = sealed.place;
    const fresh = await renewal.getFresh(sealed);
    const now = Math.floor(clock.now() / 1_000);
    const gone: ListResult = { ok: true, users: [], nextCursor: undefined, time: now };
    if (fresh.is === 'gone') return gone;
    // What could not be renewed now is not known to be dead.
    if (fresh.is === 'expired') return toFault(fresh.error);
    const answer = await callSlack('auth.test', { token: fresh.token });
    if (answer.ok) {
      // To read "no header" as "no scopes" would end every grant.
      if (answer.scopes === undefined) return toFault('malformed_page: auth.test names no scopes');
      const scopes = toCatalogScopes(catalog, answer.scopes);
      return { ok: true, users: [{ userId, scopes }], nextCursor: undefined, time: answer.time };
    }
    if (answer.error === 'invalid_response')
      return toFault('malformed_page: auth.test is not JSON with an ok');
    if (!DEAD_TOKEN_ERRORS.has(answer.error)) return { ...answer };
    await database.transact((tx) => deleteToken(tx, sealed));
    return gone;
  }
}

function toLimited(retryAfterMs: number): ListResult {
  return { ok: false, error: 'ratelimited', retryAfterMs };
}

function toFault(error: string): ListResult {
  return { ok: false, error, retryAfterMs: undefined };
}
