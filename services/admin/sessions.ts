import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, toIsoTime } from '../runtime/clock';
import { createRandomSecret } from '../runtime/secrets/secret';
import { toSha256 } from '../runtime/secrets/sha256';
import type { Signer } from '../runtime/secrets/signer';
import type { Member } from '../slack/workspace';
import { type AccessEvent, insertAccess } from './access-store';
import { createAdminCheck } from './admin-check';
import type { Admin, AdminStatus, Admins } from './admins';
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
/** However busy: whoever copied the cookie, or sits down at an open browser, has it for so long at most. */
const MAX_SESSION_MS = 12 * 60 * 60_000;
/** The clocks of instances are held to be this close. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Links that are over are kept for a while, to say "used" or "expired" and not "unknown". */
const LINK_RETENTION_MS = 24 * 60 * 60_000;
/** More than anybody has browsers: of more, those that were seen last stay. */
const MAX_SESSIONS_PER_ADMIN = 10;
/** Several requests make one page: not each of them is a commit. */
const SEEN_WRITE_INTERVAL_MS = 1_000;

/** Who came with a cookie. */
export type SessionState =
  | { kind: 'signed_in'; admin: Member & Pick<Admin, 'managedEnterpriseId'>; endsAtMs: number }
  /** There is no such session, or it is over. */
  | { kind: 'none' }
  /** No longer an admin: the session is over. */
  | { kind: 'not_admin' }
  /** Slack does not say whether this is still an admin, and has not for too long. */
  | { kind: 'unknown'; error: string };

/** A session as its admin sees it. */
export interface OwnSession {
  key: string;
  begunAt: string;
  seenAt: string;
}

/** Admins who are signed in. */
export interface Sessions {
  /** Names the session of a cookie that we signed; undefined where it is none of ours. */
  toKey(cookie: string | undefined): string | undefined;
  /** Whether somebody is an admin at this moment, by Slack's word. */
  check(member: Member): Promise<AdminStatus>;
  /** For who was checked just now; whoever was signed in by the `old` cookie is not any more. Answers with what it is to hold. */
  begin(
    tx: Queryable,
    member: Member,
    { admin, old }: { admin: Admin; old: string | undefined },
  ): Promise<string>;
  /** `isGesture`: the person did something, so the session goes on for another while. */
  find(cookie: string | undefined, options: { isGesture: boolean }): Promise<SessionState>;
  end(cookie: string | undefined): Promise<void>;
  /** Those of this admin, the last seen first. */
  listOwn(admin: Member): Promise<OwnSession[]>;
  /** Ends one of this admin's; where it is not theirs, nothing. */
  endOwn(admin: Member, key: string): Promise<void>;
  deleteOld(): Promise<void>;
  /** `listener` is called with the key of each session that was ended here, when that is committed. */
  onEnd(listener: (key: string) => void): void;
}

export function createSessions({
  database,
  admins,
  signer,
  clock,
}: {
  database: Database;
  admins: Admins;
  signer: Signer;
  clock: Clock;
}): Sessions {
  const adminCheck = createAdminCheck({ database, admins, clock });
  const listeners: ((key: string) => void)[] = [];

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

  function note(tx: Queryable, { teamId, userId }: Member, event: AccessEvent, detail: string | null) {
    return insertAccess(tx, [{ at: toIsoTime(clock.now()), teamId, userId, event, detail }]);
  }

  /** Nothing where another request has ended it. */
  async function end(
    tx: Queryable,
    idHash: string,
    event: AccessEvent,
    detail: string | null,
  ): Promise<void> {
    const member = await deleteSession(tx, idHash);
    if (member !== undefined) await note(tx, member, event, detail);
  }

  return {
    toKey: toIdHash,
    check: admins.check,

    async begin(tx, member, { admin, old }) {
      const id = createRandomSecret();
      const now = clock.now();
      const { teamId, enterpriseId, userId } = member;
      const session = {
        ...{ teamId, enterpriseId, userId },
        idHash: toSha256(id),
        begunAt: toIsoTime(now),
        seenAtMs: now,
        checkedAtMs: now,
      };
      const oldHash = toIdHash(old);
      if (oldHash !== undefined) await end(tx, oldHash, 'signed_out', null);
      await insertSession(tx, session);
      await note(tx, member, 'signed_in', null);
      for (const { idHash } of (await listSessionsOf(tx, member)).slice(MAX_SESSIONS_PER_ADMIN))
        await end(tx, idHash, 'signed_out', `more than ${MAX_SESSIONS_PER_ADMIN} sessions`);
      // Nothing where the transaction is undone: there is no such session then.
      adminCheck.confirm(session.idHash, admin);
      return `${id}.${signer.sign('admin session', id)}`;
    },

    async find(cookie, { isGesture }) {
      const session = await findLive(cookie);
      if (session === undefined) return { kind: 'none' };
      const check = await adminCheck.check(session);
      if (check.is === 'member') {
        await database.transact((tx) => end(tx, session.idHash, 'refused', 'no longer an admin'));
        return { kind: 'not_admin' };
      }
      if (check.is === 'unknown') return { kind: 'unknown', error: check.error };
      const now = clock.now();
      if (isGesture && now - session.seenAtMs >= SEEN_WRITE_INTERVAL_MS) {
        await database.transact((tx) => markSessionSeen(tx, session.idHash, now));
      }
      const { teamId, enterpriseId, userId } = session;
      const seenAtMs = isGesture ? now : session.seenAtMs;
      const endsAtMs = Math.min(seenAtMs + IDLE_LIMIT_MS, Date.parse(session.begunAt) + MAX_SESSION_MS);
      const { managedEnterpriseId } = check;
      const admin = {
        teamId,
        enterpriseId,
        userId,
        ...(managedEnterpriseId !== undefined && { managedEnterpriseId }),
      };
      return { kind: 'signed_in', admin, endsAtMs };
    },

    async end(cookie) {
      const idHash = toIdHash(cookie);
      if (idHash === undefined) return;
      await database.transact((tx) => end(tx, idHash, 'signed_out', null));
      for (const listener of listeners) listener(idHash);
    },

    async listOwn(admin) {
      const sessions = await listSessionsOf(database.query, admin);
      return sessions
        .filter((session) => isLive(session, clock.now()))
        .map(({ idHash, begunAt, seenAtMs }) => ({ key: idHash, begunAt, seenAt: toIsoTime(seenAtMs) }));
    },

    async endOwn(admin, key) {
      await database.transact(async (tx) => {
        const own = await listSessionsOf(tx, admin);
        if (own.some(({ idHash }) => idHash === key)) await end(tx, key, 'signed_out', 'from another page');
      });
      for (const listener of listeners) listener(key);
    },

    onEnd: (listener) => void listeners.push(listener),

    deleteOld: () =>
      database.transact((tx) =>
        deleteExpiredAccess(tx, {
          linksBeforeMs: clock.now() - LINK_RETENTION_MS,
          seenBeforeMs: clock.now() - IDLE_LIMIT_MS,
          begunBefore: toIsoTime(clock.now() - MAX_SESSION_MS),
        }),
      ),
  };
}

function isLive({ seenAtMs, begunAt }: StoredSession, nowMs: number): boolean {
  return isWithin(IDLE_LIMIT_MS, seenAtMs, nowMs) && isWithin(MAX_SESSION_MS, Date.parse(begunAt), nowMs);
}

/** Not where it lies ahead: a clock was wrong then, and nobody knows how long it has lasted. */
function isWithin(limitMs: number, sinceMs: number, nowMs: number): boolean {
  return sinceMs <= nowMs + CLOCK_TOLERANCE_MS && nowMs - sinceMs < limitMs;
}
