import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, hasElapsed, toIsoTime } from '../runtime/clock';
import { createRandomSecret } from '../runtime/secrets/secret';
import { toSha256 } from '../runtime/secrets/sha256';
import type { Member } from '../slack/workspace';
import { insertAccess } from './access-store';
import { findLink, insertLink, markLinkUsed } from './store';

export const ADMIN_ENTER_PATH = '/admin/enter';
const LINK_TTL_MS = 5 * 60_000;
/** How far the clocks of instances may differ. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Whether a link lets somebody sign in, and why not. */
export type LinkState =
  | { kind: 'good'; member: Member }
  | { kind: 'not_valid'; why: 'unknown' }
  | { kind: 'not_valid'; why: 'used' | 'expired'; member: Member };

type UsedLink<T> = { kind: 'used'; result: T } | Extract<LinkState, { kind: 'not_valid' }>;

export type AdminLinks = ReturnType<typeof createAdminLinks>;

/** Private links from Slack to the admin page. */
export function createAdminLinks(parts: {
  database: Database;
  clock: Clock;
  /** Where browsers reach this app, without a trailing slash; known once the app listens. */
  getBaseUrl: () => string;
}) {
  const { database, clock, getBaseUrl } = parts;

  /** Checks a link without using it. */
  async function find(token: string): Promise<LinkState> {
    const link = await findLink(database.query, toSha256(token));
    if (link === undefined) return { kind: 'not_valid', why: 'unknown' };
    const { usedAt, expiresAtMs, ...member } = link;
    if (usedAt !== undefined) return { kind: 'not_valid', why: 'used', member };
    // One that expires much later than a new one was made while a clock was wrong.
    const isExpired = hasElapsed(expiresAtMs, clock.now(), LINK_TTL_MS + CLOCK_TOLERANCE_MS);
    return isExpired ? { kind: 'not_valid', why: 'expired', member } : { kind: 'good', member };
  }

  return {
    /** The link is good once, for five minutes. Its secret is behind the #, which browsers do not send. */
    async create(admin: Member): Promise<string> {
      const token = createRandomSecret();
      const { teamId, userId } = admin;
      const now = clock.now();
      await database.transact(async (tx) => {
        await insertLink(tx, { tokenHash: toSha256(token), member: admin, expiresAtMs: now + LINK_TTL_MS });
        const made = { at: toIsoTime(now), event: 'link_made', detail: null } as const;
        await insertAccess(tx, [{ ...made, teamId, userId }]);
      });
      return `${getBaseUrl()}${ADMIN_ENTER_PATH}#${token}`;
    },
    find,
    /** Uses the link up in one transaction with `alsoInTransaction`: if signing in fails, the link is still good. */
    async use<T>(token: string, alsoInTransaction: (tx: Queryable) => Promise<T>): Promise<UsedLink<T>> {
      const found = await find(token);
      if (found.kind !== 'good') return found;
      return database.transact(async (tx) =>
        (await markLinkUsed(tx, toSha256(token), clock.now()))
          ? { kind: 'used', result: await alsoInTransaction(tx) }
          : { kind: 'not_valid', why: 'used', member: found.member },
      );
    },
  };
}
