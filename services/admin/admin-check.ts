import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, isFresh } from '../runtime/clock';
import type { Admin, AdminStatus, Admins } from './admins';
import { markSessionChecked, type StoredSession } from './store';

const CHECK_INTERVAL_MS = 60_000;
/** How long an admin stays one where Slack cannot be asked. */
const TRUST_TTL_MS = 5 * 60_000;
/** A Slack that is down is not asked at every request: each would wait for it. */
const RETRY_INTERVAL_MS = 10_000;
const MAX_REMEMBERED_SESSIONS = 1_000;

/** Whether who signed in is an admin still. */
export interface AdminCheck {
  check(session: StoredSession): Promise<AdminStatus>;
  /** At sign-in, for a session that is about to begin: Slack was just asked. */
  confirm(idHash: string, admin: Admin): void;
}

/** Asks Slack once for requests that come together, and a minute apart at most. */
export function createAdminCheck({
  database,
  admins,
  clock,
}: {
  database: Database;
  admins: Admins;
  clock: Clock;
}): AdminCheck {
  const underWay = new Map<string, Promise<AdminStatus>>();
  const unanswered = new LRUCache<string, { at: number; check: AdminStatus }>({
    max: MAX_REMEMBERED_SESSIONS,
  });
  /** What Slack said here: of which organisation somebody is an admin is kept nowhere else. */
  const granted = new LRUCache<string, { at: number; admin: Admin }>({ max: MAX_REMEMBERED_SESSIONS });

  function confirm(idHash: string, admin: Admin, at = clock.now()): void {
    granted.set(idHash, { at, admin });
  }

  async function ask(session: StoredSession): Promise<AdminStatus> {
    const { teamId, enterpriseId, userId, idHash } = session;
    const askedAt = clock.now();
    const check = await admins.check({ teamId, enterpriseId, userId });
    unanswered.delete(idHash);
    if (check.is === 'admin') {
      confirm(idHash, check, askedAt);
      await database.transact((tx) => markSessionChecked(tx, idHash, askedAt));
    } else if (check.is === 'member') granted.delete(idHash);
    if (check.is === 'unknown') unanswered.set(idHash, { at: clock.now(), check });
    return check;
  }

  async function askOnce(session: StoredSession): Promise<AdminStatus> {
    const last = unanswered.get(session.idHash);
    if (last !== undefined && isFresh(last.at, clock.now(), RETRY_INTERVAL_MS)) return last.check;
    const running = underWay.get(session.idHash);
    if (running !== undefined) return running;
    const started = ask(session).finally(() => underWay.delete(session.idHash));
    underWay.set(session.idHash, started);
    return started;
  }

  return {
    async check(session) {
      const known = granted.get(session.idHash);
      if (known !== undefined && isFresh(known.at, clock.now(), CHECK_INTERVAL_MS)) return known.admin;
      const check = await askOnce(session);
      if (check.is !== 'unknown') return check;
      const checkedAtMs = Math.max(session.checkedAtMs, known?.at ?? 0);
      const isTrusted = isFresh(checkedAtMs, clock.now(), TRUST_TTL_MS);
      return isTrusted ? (known?.admin ?? { is: 'admin' }) : check;
    },
    confirm,
  };
}
