import type { Catalog } from '../config/catalog';
import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import type { BotTokens } from '../oauth/bot-tokens';
import type { Renewal } from '../oauth/renewal';
import { toCatalogScopes } from '../oauth/scope-names';
import { deleteToken, markSuspected, type SealedToken } from '../oauth/token-store';
import { listUserTokens } from '../oauth/user-store';
import type { Clock } from '../runtime/clock';
import { type Failure, toFailure } from '../slack/errors';
import { createRateLimiter } from '../slack/rate-limiter';
import type { CallSlack } from '../slack/web-api';
import type { Workspace } from '../slack/workspace';
import type { ListResult, PermissionsBackend, SkippedUser, UserGrants } from './backend';

/** `auth.test` has a limit of its own, some hundred calls a minute: https://docs.slack.dev/reference/methods/auth.test */
const AUTH_TESTS_PER_MINUTE = 100;

/** How long Slack has to repeat a doubtful error before it ends a grant. */
const SUSPECT_PERIOD_MS = 60 * 60_000;

type Tested = { ok: true; scopes: string[]; time: number } | Failure;
type UserTested = { sealed: SealedToken } & Tested;

/**
 * The list for today's Slack: what each user's token holds, by `auth.test`. An error about a user's token counts only if the
 * app's own token works: where Slack refuses that too, the fault is not the user's, and the list fails.
 */
export function createTokenList({
  database,
  renewal,
  callSlack,
  botTokens,
  catalog,
  clock,
}: {
  database: Database;
  renewal: Renewal;
  callSlack: CallSlack;
  botTokens: Pick<BotTokens, 'find'>;
  catalog: Catalog;
  clock: Clock;
}): PermissionsBackend['list'] {
  const rateLimiter = createRateLimiter({ perMinute: AUTH_TESTS_PER_MINUTE, clock });

  async function test(token: string): Promise<Tested> {
    const answer = await callSlack('auth.test', { token });
    if (!answer.ok) {
      const isMalformed = answer.cause === 'garbled';
      return isMalformed ? toFailure('malformed_page: auth.test is not JSON with an ok') : answer;
    }
    // Reading "no header" as "no scopes" would end every grant.
    if (answer.scopes === undefined) return toFailure('malformed_page: auth.test names no scopes');
    return { ok: true, scopes: answer.scopes, time: answer.time };
  }

  /** Undefined where the token is gone. */
  async function testUser(sealed: SealedToken, hasExpired = false): Promise<UserTested | undefined> {
    const fresh = await renewal.getFresh(sealed, { hasExpired });
    if (fresh.is === 'gone') return undefined;
    if (fresh.is === 'unusable') return { sealed, ...fresh.failure };
    const tested = await test(fresh.token);
    // By Slack's clock it has expired, whatever ours says.
    const isOver = !tested.ok && tested.cause === 'token_expired' && !hasExpired;
    return isOver ? testUser(fresh.sealed, true) : { sealed: fresh.sealed, ...tested };
  }

  async function testApp(workspace: Workspace): Promise<Tested> {
    const found = await botTokens.find(workspace);
    return 'error' in found ? toFailure(found.error) : test(found.token);
  }

  /** A page may hold fewer users than asked for, where Slack has to be waited for. The cursor is the last user. */
  return async ({ workspace, cursor, limit, isLastTry = false }) => {
    const { teamId } = workspace;
    const held = await listUserTokens(database.query, { teamId, after: cursor ?? '', limit });
    const now = clock.now();
    const users: UserGrants[] = [];
    const skipped: SkippedUser[] = [];
    /** What the page says of the tokens themselves. */
    const writes: ((tx: Queryable) => Promise<unknown>)[] = [];
    let time = Math.floor(now / 1_000);
    let last: string | undefined;
    let appTested: Promise<Tested> | undefined;

    async function settle(tx: Queryable): Promise<void> {
      for (const write of writes) await write(tx);
    }
    const toPage = (nextCursor: string | undefined): ListResult => {
      return { ok: true, users, skipped, nextCursor, time, settle };
    };

    /** Returns why the page ends before this user; undefined where it goes on. */
    async function look(row: SealedToken): Promise<Failure | undefined> {
      const { userId = '' } = row.key;
      const waitMs = rateLimiter.take();
      if (waitMs > 0) return toFailure('ratelimited', waitMs);
      const tested = await testUser(row);
      if (tested === undefined) return undefined;
      const { sealed } = tested;
      if (tested.ok) {
        users.push({ userId, scopes: toCatalogScopes(catalog, tested.scopes) });
        time = Math.min(time, tested.time);
        if (sealed.suspectedAtMs !== undefined) writes.push((tx) => markSuspected(tx, sealed, undefined));
        return undefined;
      }
      const { error, cause, retryAfterMs } = tested;
      const end = () => void writes.push((tx) => deleteToken(tx, sealed));
      if (cause === 'token_ended') return end();
      if (retryAfterMs !== undefined || (cause === 'unreachable' && !isLastTry))
        return toFailure(error, retryAfterMs);
      appTested ??= testApp(workspace);
      const app = await appTested;
      if (!app.ok) return app;
      if (cause === 'token_in_doubt') {
        const sinceMs = now - (sealed.suspectedAtMs ?? now);
        if (sinceMs >= SUSPECT_PERIOD_MS) return end();
        // A clock that was set back must not prolong the doubt.
        if (sealed.suspectedAtMs === undefined || sinceMs < 0)
          writes.push((tx) => markSuspected(tx, sealed, now));
      }
      skipped.push({ userId, error });
      return undefined;
    }

    for (const row of held) {
      const fault = await look(row);
      if (fault !== undefined) return last === undefined ? fault : toPage(last);
      last = row.key.userId;
    }
    return toPage(held.length === limit ? last : undefined);
  };
}
