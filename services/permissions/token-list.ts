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

/** For so long Slack has to say the same before a doubtful word ends a grant. */
const SUSPECT_PERIOD_MS = 60 * 60_000;

type Tested = { ok: true; scopes: string[]; time: number } | Failure;
type UserTested = ({ sealed: SealedToken } & Tested) | { gone: true };

/**
 * The list for today's Slack: what each user's token holds, by `auth.test`. A word about one user's token is held against
 * the app's own: where Slack refuses that too, the fault is not the user's, and the list fails.
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
    // To read "no header" as "no scopes" would end every grant.
    if (answer.scopes === undefined) return toFailure('malformed_page: auth.test names no scopes');
    return { ok: true, scopes: answer.scopes, time: answer.time };
  }

  async function testUser(sealed: SealedToken): Promise<UserTested> {
    const fresh = await renewal.getFresh(sealed);
    const tested = await testFresh(sealed, fresh);
    if ('gone' in tested || tested.ok || tested.cause !== 'token_expired' || fresh.is !== 'good')
      return tested;
    // By Slack's clock it is over, whatever ours says.
    return testFresh(sealed, await renewal.getFresh(fresh.sealed, { hasExpired: true }));
  }

  async function testFresh(
    sealed: SealedToken,
    fresh: Awaited<ReturnType<Renewal['getFresh']>>,
  ): Promise<UserTested> {
    if (fresh.is === 'gone') return { gone: true };
    if (fresh.is === 'unusable') {
      return { sealed, ...fresh.failure };
    }
    return { sealed: fresh.sealed, ...(await test(fresh.token)) };
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
    const found: TokenFindings = { ended: [], suspected: [], cleared: [] };
    let time = Math.floor(now / 1_000);
    let last: string | undefined;
    let appTested: Promise<Tested> | undefined;

    const toPage = (nextCursor: string | undefined): ListResult => {
      return { ok: true, users, skipped, nextCursor, time, settle: (tx) => saveFindings(tx, found, now) };
    };

    /** Answers with why the page ends before this user. */
    async function look(row: SealedToken): Promise<Failure | undefined> {
      const { userId = '' } = row.key;
      const waitMs = rateLimiter.take();
      if (waitMs > 0) return toFailure('ratelimited', waitMs);
      const tested = await testUser(row);
      if ('gone' in tested) return undefined;
      const { sealed } = tested;
      if (tested.ok) {
        users.push({ userId, scopes: toCatalogScopes(catalog, tested.scopes) });
        time = Math.min(time, tested.time);
        if (sealed.suspectedAtMs !== undefined) found.cleared.push(sealed);
        return undefined;
      }
      const { error, cause, retryAfterMs } = tested;
      if (cause === 'token_ended') {
        found.ended.push(sealed);
        return undefined;
      }
      if (retryAfterMs !== undefined || (cause === 'unreachable' && !isLastTry))
        return toFailure(error, retryAfterMs);
      appTested ??= testApp(workspace);
      const app = await appTested;
      if (!app.ok) return app;
      if (cause === 'token_in_doubt') {
        const sinceMs = now - (sealed.suspectedAtMs ?? now);
        if (sinceMs >= SUSPECT_PERIOD_MS) {
          found.ended.push(sealed);
          return undefined;
        }
        // A clock that was set back must not make it last.
        if (sealed.suspectedAtMs === undefined || sinceMs < 0) found.suspected.push(sealed);
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

/** What a page says of the tokens themselves. */
interface TokenFindings {
  ended: SealedToken[];
  suspected: SealedToken[];
  /** Doubted before, and good. */
  cleared: SealedToken[];
}

async function saveFindings(
  tx: Queryable,
  { ended, suspected, cleared }: TokenFindings,
  now: number,
): Promise<void> {
  for (const token of ended) await deleteToken(tx, token);
  for (const token of suspected) await markSuspected(tx, token, now);
  for (const token of cleared) await markSuspected(tx, token, undefined);
}
