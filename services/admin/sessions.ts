import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, toIsoTime } from '../runtime/clock';
import { createRandomSecret } from '../runtime/secrets/secret';
import { toSha256 } from '../runtime/secrets/sha256';
import type { Signer } from '../runtime/secrets/signer';
import type { Member } from '../slack/workspace';
import { type AccessEvent, insertAccess } from './access-store';
import { createAdminCheck } from './admin-check';
import type { Admin, Admins } from './admins';
import {
  deleteExpiredAccess,
  deleteSession,
  findSession,
  insertSession,
  listSessionsOf,
  markSessionSeen,
  type StoredSession,
} from './store';

const IDLE_LIMIT_MS = 30 * 60_000;
/** However active: whoever copied the cookie, or finds the browser open, has it no longer than this. */
const MAX_SESSION_MS = 12 * 60 * 60_000;
/** How far the clocks of instances may differ. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Links are kept after they expired, so that they are called "used" or "expired" and not "unknown". */
const LINK_RETENTION_MS = 24 * 60 * 60_000;
/** More than anybody has browsers; the sessions that were seen last stay. */
const MAX_SESSIONS_PER_ADMIN = 10;
/** A page makes several requests: not each of them is a commit. */
const SEEN_WRITE_INTERVAL_MS = 1_000;

/** The state of the session that a cookie names. */
export type SessionState =
  | { kind: 'signed_in'; admin: Member & Pick<Admin, 'managedEnterpriseId'>; endsAtMs: number }
  /** There is no such session, or it is over. */
  | { kind: 'none' }
  /** The user is no longer an admin: the session is over. */
  | { kind: 'not_admin' }
  /** Slack has not said for too long whether the user is still an admin. */
  | { kind: 'unknown'; error: string };

/** A session as its admin sees it. */
export interface OwnSession {
  key: string;
  begunAt: string;
  seenAt: string;
}

export type Sessions = ReturnType<typeof createSessions>;

/** The sessions of admins on the admin page. */
export function createSessions(parts: { database: Database; admins: Admins; signer: Signer; clock: Clock }) {
  const { database, admins, signer, clock } = parts;
  const adminCheck = createAdminCheck(parts);
  const listeners: (() => void)[] = [];

  /** The hash of the id in a cookie that we signed. */
  function toIdHash(cookie: string | undefined): string | undefined {
    const [id = '', signature = '', ...rest] = cookie?.split('.') ?? [];
    const isOurs = rest.length === 0 && signer.isSigned('admin session', id, signature);
    return isOurs ? toSha256(id) : undefined;
  }

  async function findLive(cookie: string | undefined): Promise<StoredSession | undefined> {
    const idHash = toIdHash(cookie);
    const session = idHash === undefined ? undefined : await findSession(database.query, idHash);
    return session !== undefined && isLive(session, clock.now()) ? session : undefined;
  }

  /** Does nothing where another request has ended the session. */
  async function end(tx: Queryable, key: string, event: AccessEvent, detail: string | null): Promise<void> {
    const member = await deleteSession(tx, key);
    if (member !== undefined) await insertAccess(tx, [toAccess(member, event, detail)]);
  }

  function toAccess({ teamId, userId }: Member, event: AccessEvent, detail: string | null) {
    return { at: toIsoTime(clock.now()), teamId, userId, event, detail };
  }

  return {
    /** Names the session of a cookie that we signed; undefined where the cookie is not ours. */
    toKey: toIdHash,
    /** Asks Slack whether a user is an admin now. */
    check: admins.check,

    /** Begins a session of an admin who was checked just now, ends the one of the `old` cookie; returns the new cookie. */
    async begin(
      tx: Queryable,
      member: Member,
      { admin, old }: { admin: Admin; old: string | undefined },
    ): Promise<string> {
      const id = createRandomSecret();
      const idHash = toSha256(id);
      const now = clock.now();
      const oldHash = toIdHash(old);
      if (oldHash !== undefined) await end(tx, oldHash, 'signed_out', null);
      await insertSession(tx, {
        ...toMember(member),
        ...{ idHash, begunAt: toIsoTime(now), seenAtMs: now, checkedAtMs: now },
      });
      await insertAccess(tx, [toAccess(member, 'signed_in', null)]);
      for (const surplus of (await listSessionsOf(tx, member)).slice(MAX_SESSIONS_PER_ADMIN))
        await end(tx, surplus.idHash, 'signed_out', `more than ${MAX_SESSIONS_PER_ADMIN} sessions`);
      // Harmless where the transaction is rolled back: no session has this id then.
      adminCheck.confirm(idHash, admin);
      return `${id}.${signer.sign('admin session', id)}`;
    },

    /** `isGesture`: the user did something, which extends the session. */
    async find(cookie: string | undefined, { isGesture }: { isGesture: boolean }): Promise<SessionState> {
      const session = await findLive(cookie);
      if (session === undefined) return { kind: 'none' };
      const status = await adminCheck.check(session);
      if (status.is === 'member') {
        await database.transact((tx) => end(tx, session.idHash, 'refused', 'no longer an admin'));
        return { kind: 'not_admin' };
      }
      if (status.is === 'unknown') return { kind: 'unknown', error: status.error };
      const now = clock.now();
      if (isGesture && now - session.seenAtMs >= SEEN_WRITE_INTERVAL_MS) {
        await database.transact((tx) => markSessionSeen(tx, session.idHash, now));
      }
      const { managedEnterpriseId } = status;
      return {
        kind: 'signed_in',
        admin: { ...toMember(session), ...(managedEnterpriseId !== undefined && { managedEnterpriseId }) },
        endsAtMs: Math.min(
          (isGesture ? now : session.seenAtMs) + IDLE_LIMIT_MS,
          Date.parse(session.begunAt) + MAX_SESSION_MS,
        ),
      };
    },

    async end(cookie: string | undefined): Promise<void> {
      const key = toIdHash(cookie);
      if (key === undefined) return;
      await database.transact((tx) => end(tx, key, 'signed_out', null));
      for (const listener of listeners) listener();
    },

    /** The admin's own sessions, the last seen first. */
    async listOwn(admin: Member): Promise<OwnSession[]> {
      const sessions = await listSessionsOf(database.query, admin);
      return sessions
        .filter((session) => isLive(session, clock.now()))
        .map(({ idHash, begunAt, seenAtMs }) => ({ key: idHash, begunAt, seenAt: toIsoTime(seenAtMs) }));
    },

    /** Ends one of the admin's own sessions; does nothing where it is somebody else's. */
    async endOwn(admin: Member, key: string): Promise<void> {
      await database.transact(async (tx) => {
        const own = await listSessionsOf(tx, admin);
        if (own.some(({ idHash }) => idHash === key)) await end(tx, key, 'signed_out', 'from another page');
      });
      for (const listener of listeners) listener();
    },

    /** Calls `listener` after a user has ended a session here. */
    onEnd: (listener: () => void): void => void listeners.push(listener),

    deleteOld: (): Promise<void> =>
      database.transact((tx) =>
        deleteExpiredAccess(tx, {
          linksBeforeMs: clock.now() - LINK_RETENTION_MS,
          seenBeforeMs: clock.now() - IDLE_LIMIT_MS,
          begunBefore: toIsoTime(clock.now() - MAX_SESSION_MS),
        }),
      ),
  };
}

function toMember({ teamId, enterpriseId, userId }: Member): Member {
  return { teamId, enterpriseId, userId };
}

function isLive({ seenAtMs, begunAt }: StoredSession, nowMs: number): boolean {
  return isWithin(IDLE_LIMIT_MS, seenAtMs, nowMs) && isWithin(MAX_SESSION_MS, Date.parse(begunAt), nowMs);
}

/** False for a time in the future: a clock was wrong then, and how long the session has lasted is unknown. */
function isWithin(limitMs: number, sinceMs: number, nowMs: number): boolean {
  return sinceMs <= nowMs + CLOCK_TOLERANCE_MS && nowMs - sinceMs < limitMs;
}
