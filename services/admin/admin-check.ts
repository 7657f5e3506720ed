import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import { type Clock, isFresh } from '../runtime/clock';
import type { Admin, AdminStatus, Admins } from './admins';
import { markSessionChecked, type StoredSession } from './store';

const CHECK_INTERVAL_MS = 60_000;
/** How long an admin stays one while Slack does not answer. */
const TRUST_TTL_MS = 5 * 60_000;
/** While Slack is down, most requests do not wait for it. */
const RETRY_INTERVAL_MS = 10_000;
const MAX_REMEMBERED_SESSIONS = 1_000;

/** Asks Slack whether the user of a session is still an admin: at most once a minute, and once for concurrent requests. */
export function createAdminCheck(parts: { database: Database; admins: Admins; clock: Clock }) {
  const { database, admins, clock } = parts;
  const pending = new Map<string, Promise<AdminStatus>>();
  const failures = new LRUCache<string, { at: number; status: AdminStatus }>({
    max: MAX_REMEMBERED_SESSIONS,
  });
  /** Slack's last answers: which organisation a user administers is not stored. */
  const confirmed = new LRUCache<string, { at: number; admin: Admin }>({ max: MAX_REMEMBERED_SESSIONS });

  /** Called at sign-in as well, where Slack was just asked. */
  function confirm(idHash: string, admin: Admin, at = clock.now()): void {
    confirmed.set(idHash, { at, admin });
  }

  async function ask({ idHash, teamId, enterpriseId, userId }: StoredSession): Promise<AdminStatus> {
    const askedAt = clock.now();
    const status = await admins.check({ teamId, enterpriseId, userId });
    if (status.is === 'unknown') {
      failures.set(idHash, { at: clock.now(), status });
      return status;
    }
    failures.delete(idHash);
    confirmed.delete(idHash);
    if (status.is === 'admin') {
      confirm(idHash, status, askedAt);
      await database.transact((tx) => markSessionChecked(tx, idHash, askedAt));
    }
    return status;
  }

  async function askOnce(session: StoredSession): Promise<AdminStatus> {
    const { idHash } = session;
    const failure = failures.get(idHash);
    if (failure !== undefined && isFresh(failure.at, clock.now(), RETRY_INTERVAL_MS)) return failure.status;
    const asked = pending.get(idHash) ?? ask(session).finally(() => pending.delete(idHash));
    pending.set(idHash, asked);
    return asked;
  }

  return {
    async check(session: StoredSession): Promise<AdminStatus> {
      const known = confirmed.get(session.idHash);
      if (known !== undefined && isFresh(known.at, clock.now(), CHECK_INTERVAL_MS)) return known.admin;
      const status = await askOnce(session);
      if (status.is !== 'unknown') return status;
      const checkedAtMs = Math.max(session.checkedAtMs, known?.at ?? 0);
      const isTrusted = isFresh(checkedAtMs, clock.now(), TRUST_TTL_MS);
      return isTrusted ? (known?.admin ?? { is: 'admin' }) : status;
    },
    confirm,
  };
}
