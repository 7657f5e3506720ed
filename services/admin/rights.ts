import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, isFresh } from '../runtime/clock';
import type { Admin, AdminCheck, Admins } from './admins';
import { markSessionChecked, type StoredSession } from './store';

const CHECK_EVERY_MS = 60_000;
/** How long an admin stays one where Slack cannot be asked. */
const TRUSTED_MS = 5 * 60_000;
/** A Slack that is down is not asked at every request: each would wait for it. */
const ASK_AGAIN_MS = 10_000;
const KEPT_SESSIONS = 1_000;

/** Whether who signed in is an admin still. */
export interface Rights {
  check(session: StoredSession): Promise<AdminCheck>;
  /** At sign-in, for a session that is about to begin: Slack was just asked. */
  grant(idHash: string, admin: Admin): void;
}

/** Asks Slack once for requests that come together, and a minute apart at most. */
export function createRights({
  database,
  admins,
  clock,
}: {
  database: Database;
  admins: Admins;
  clock: Clock;
}): Rights {
  const underWay = new Map<string, Promise<AdminCheck>>();
  const refused = new LRUCache<string, { at: number; check: AdminCheck }>({ max: KEPT_SESSIONS });
  /** What Slack said here: of which organisation somebody is an admin is kept nowhere else. */
  const granted = new LRUCache<string, { at: number; admin: Admin }>({ max: KEPT_SESSIONS });

  function grant(idHash: string, admin: Admin, at = clock.now()): void {
    granted.set(idHash, { at, admin });
  }

  async function ask(session: StoredSession): Promise<AdminCheck> {
    const { teamId, enterpriseId, userId, idHash } = session;
    const askedAt = clock.now();
    const check = await admins.check({ teamId, enterpriseId, userId });
    refused.delete(idHash);
    if (check.is === 'admin') {
      grant(idHash, check, askedAt);
      await database.transact((tx) => markSessionChecked(tx, idHash, askedAt));
    } else if (check.is === 'member') granted.delete(idHash);
    if (check.is === 'unknown') refused.set(idHash, { at: clock.now(), check });
    return check;
  }

  async function askOnce(session: StoredSession): Promise<AdminCheck> {
    const last = refused.get(session.idHash);
    if (last !== undefined && isFresh(last.at, clock.now(), ASK_AGAIN_MS)) return last.check;
    const running = underWay.get(session.idHash);
    if (running !== undefined) return running;
    const begun = ask(session).finally(() => underWay.delete(session.idHash));
    underWay.set(session.idHash, begun);
    return begun;
  }

  return {
    async check(session) {
      const known = granted.get(session.idHash);
      if (known !== undefined && isFresh(known.at, clock.now(), CHECK_EVERY_MS)) return known.admin;
      const check = await askOnce(session);
      if (check.is !== 'unknown') return check;
      const checkedAtMs = Math.max(session.checkedAtMs, known?.at ?? 0);
      const isTrusted = isFresh(checkedAtMs, clock.now(), TRUSTED_MS);
      return isTrusted ? (known?.admin ?? { is: 'admin' }) : check;
    },
    grant,
  };
}
