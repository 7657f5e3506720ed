import type { AdminCheck, Admins } from '../admins';
import type { Clock } from '../clock';
import type { Database } from '../database/database';
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
  const refused = new Map<string, { at: number; check: AdminCheck }>();
  /** A request may have read its session just before another one’s answer was written there. */
  const granted = new Map<string, number>();

  async function ask(session: StoredSession): Promise<AdminCheck> {
    const { teamId, enterpriseId, userId, idHash } = session;
    const askedAt = clock.now();
    const check = await admins.check({ teamId, enterpriseId, userId });
    refused.delete(idHash);
    if (check.is === 'admin') {
      if (granted.size >= KEPT_SESSIONS) granted.clear();
      granted.set(idHash, askedAt);
      await database.transact((tx) => markSessionChecked(tx, idHash, askedAt));
    } else granted.delete(idHash);
    if (check.is === 'unknown') {
      if (refused.size >= KEPT_SESSIONS) refused.clear();
      refused.set(idHash, { at: clock.now(), check });
    }
    return check;
  }

  async function askOnce(session: StoredSession): Promise<AdminCheck> {
    const last = refused.get(session.idHash);
    if (last !== undefined && clock.now() - last.at < ASK_AGAIN_MS) return last.check;
    const running = underWay.get(session.idHash);
    if (running !== undefined) return running;
    const begun = ask(session).finally(() => underWay.delete(session.idHash));
    underWay.set(session.idHash, begun);
    return begun;
  }

  return {
    async check(session) {
      const checkedAtMs = Math.max(session.checkedAtMs, granted.get(session.idHash) ?? 0);
      if (clock.now() - checkedAtMs < CHECK_EVERY_MS) return { is: 'admin' };
      const check = await askOnce(session);
      const isTrusted = clock.now() - checkedAtMs < TRUSTED_MS;
      return check.is === 'unknown' && isTrusted ? { is: 'admin' } : check;
    },
  };
}
