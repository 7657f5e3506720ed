import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, toIsoTime } from '../runtime/clock';
import { createSecret } from '../runtime/secrets/secret';
import { toSha256 } from '../runtime/secrets/sha256';
import type { Member } from '../slack/workspace';
import { insertAccess } from './access-store';
import { findLink, insertLink, markLinkUsed } from './store';

export const ADMIN_ENTER_PATH = '/admin/enter';
const LINK_TTL_MS = 5 * 60_000;
/** The clocks of instances are held to be this close. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What a link is good for: one sign-in, or nothing, and why. */
export type LinkState =
  | { kind: 'good'; member: Member }
  | { kind: 'not_valid'; why: 'unknown' }
  | { kind: 'not_valid'; why: 'used' | 'expired'; member: Member };

type UsedLink<T> = { kind: 'used'; result: T } | Extract<LinkState, { kind: 'not_valid' }>;

/** Private links, by which admins come from Slack to the page in their browser. */
export interface AdminLinks {
  /** The address for this admin: good once, for five minutes. Its secret stands behind the #, which browsers send to nobody. */
  create(admin: Member): Promise<string>;
  /** Looks, and leaves it as it is. */
  find(token: string): Promise<LinkState>;
  /** Uses it up, and runs `also` in the same transaction: the link of who could not be signed in is still good. */
  use<T>(token: string, also: (tx: Queryable) => Promise<T>): Promise<UsedLink<T>>;
}

export function createAdminLinks({
  database,
  clock,
  getBaseUrl,
}: {
  database: Database;
  clock: Clock;
  /** Where browsers reach this app; no slash at its end. Known when the app listens. */
  getBaseUrl: () => string;
}): AdminLinks {
  async function find(token: string): Promise<LinkState> {
    const link = await findLink(database.query, toSha256(token));
    if (link === undefined) return { kind: 'not_valid', why: 'unknown' };
    const { usedAt, expiresAtMs, ...member } = link;
    if (usedAt !== undefined) return { kind: 'not_valid', why: 'used', member };
    // One that lies further ahead was made while a clock was wrong.
    const leftMs = expiresAtMs - clock.now();
    if (leftMs <= 0 || leftMs > LINK_TTL_MS + CLOCK_TOLERANCE_MS)
      return { kind: 'not_valid', why: 'expired', member };
    return { kind: 'good', member };
  }

  return {
    async create(admin) {
      const token = createSecret();
      const { teamId, enterpriseId, userId } = admin;
      const link = {
        tokenHash: toSha256(token),
        member: { teamId, enterpriseId, userId },
        expiresAtMs: clock.now() + LINK_TTL_MS,
      };
      const at = toIsoTime(clock.now());
      await database.transact(async (tx) => {
        await insertLink(tx, link);
        await insertAccess(tx, [{ at, teamId, userId, event: 'link_made', detail: null }]);
      });
      return `${getBaseUrl()}${ADMIN_ENTER_PATH}#${token}`;
    },
    find,
    async use(token, also) {
      const found = await find(token);
      if (found.kind !== 'good') return found;
      const nowMs = clock.now();
      const using = { tokenHash: toSha256(token), at: toIsoTime(nowMs), nowMs };
      return database.transact(async (tx) =>
        (await markLinkUsed(tx, using))
          ? { kind: 'used', result: await also(tx) }
          : { kind: 'not_valid', why: 'used', member: found.member },
      );
    },
  };
}
