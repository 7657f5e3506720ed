import type { Selectable } from 'kysely';
import type { AdminSessionTable, Queryable } from '../database/schema';
import type { Member } from '../slack/workspace';

/** A private link, as it is kept: who it is for, and until when it is good. */
export interface StoredLink extends Member {
  expiresAtMs: number;
  usedAt: string | undefined;
}

export async function insertLink(
  db: Queryable,
  { tokenHash, member, expiresAtMs }: { tokenHash: string; member: Member; expiresAtMs: number },
): Promise<void> {
  await db
    .insertInto('admin_links')
    .values({
      token_hash: tokenHash,
      enterprise_id: member.enterpriseId ?? null,
      team_id: member.teamId,
      user_id: member.userId,
      expires_at_ms: expiresAtMs,
      used_at: null,
    })
    .execute();
}

export async function findLink(db: Queryable, tokenHash: string): Promise<StoredLink | undefined> {
  const row = await db
    .selectFrom('admin_links')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { ...toMember(row), expiresAtMs: row.expires_at_ms, usedAt: row.used_at ?? undefined };
}

/** True for the one caller that used it, of all instances. */
export async function markLinkUsed(
  db: Queryable,
  { tokenHash, at, nowMs }: { tokenHash: string; at: string; nowMs: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('admin_links')
    .set({ used_at: at })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** An admin who is signed in. */
export interface StoredSession extends Member {
  idHash: string;
  begunAt: string;
  seenAtMs: number;
  checkedAtMs: number;
}

export async function insertSession(db: Queryable, session: StoredSession): Promise<void> {
  await db
    .insertInto('admin_sessions')
    .values({
      id_hash: session.idHash,
      enterprise_id: session.enterpriseId ?? null,
      team_id: session.teamId,
      user_id: session.userId,
      begun_at: session.begunAt,
      seen_at_ms: session.seenAtMs,
      checked_at_ms: session.checkedAtMs,
    })
    .execute();
}

export async function findSession(db: Queryable, idHash: string): Promise<StoredSession | undefined> {
  const row: Selectable<AdminSessionTable> | undefined = await db
    .selectFrom('admin_sessions')
    .selectAll()
    .where('id_hash', '=', idHash)
    .executeTakeFirst();
  return row && toStoredSession(row);
}

function toStoredSession(row: Selectable<AdminSessionTable>): StoredSession {
  return {
    ...toMember(row),
    idHash: row.id_hash,
    begunAt: row.begun_at,
    seenAtMs: row.seen_at_ms,
    checkedAtMs: row.checked_at_ms,
  };
}

/** Never back: of two requests at once, the later one counts. */
export async function markSessionSeen(db: Queryable, idHash: string, atMs: number): Promise<void> {
  await db
    .updateTable('admin_sessions')
    .set({ seen_at_ms: atMs })
    .where('id_hash', '=', idHash)
    .where('seen_at_ms', '<', atMs)
    .execute();
}

export async function markSessionChecked(db: Queryable, idHash: string, atMs: number): Promise<void> {
  await db
    .updateTable('admin_sessions')
    .set({ checked_at_ms: atMs })
    .where('id_hash', '=', idHash)
    .where('checked_at_ms', '<', atMs)
    .execute();
}

/** The sessions of somebody, the last seen first. */
export async function listSessionsOf(
  db: Queryable,
  { teamId, userId }: Pick<Member, 'teamId' | 'userId'>,
): Promise<StoredSession[]> {
  const rows = await db
    .selectFrom('admin_sessions')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .orderBy('seen_at_ms', 'desc')
    .orderBy('begun_at', 'desc')
    .execute();
  return rows.map(toStoredSession);
}

/** Answers with whose it was; undefined where there was none. */
export async function deleteSession(db: Queryable, idHash: string): Promise<Member | undefined> {
  const row = await db
    .deleteFrom('admin_sessions')
    .where('id_hash', '=', idHash)
    .returning(['enterprise_id', 'team_id', 'user_id'])
    .executeTakeFirst();
  return row && toMember(row);
}

/** Takes away what nobody can come in by any more. */
export async function deleteExpiredAccess(
  db: Queryable,
  {
    linksBeforeMs,
    seenBeforeMs,
    begunBefore,
  }: { linksBeforeMs: number; seenBeforeMs: number; begunBefore: string },
): Promise<void> {
  await db.deleteFrom('admin_links').where('expires_at_ms', '<', linksBeforeMs).execute();
  await db
    .deleteFrom('admin_sessions')
    .where((or) => or.or([or('seen_at_ms', '<', seenBeforeMs), or('begun_at', '<', begunBefore)]))
    .execute();
}

/** The chain of a team: where it ends now, and what the last walk along it came to. */
export interface ChainStatus {
  teamId: string;
  seq: number;
  hash: string;
  verifiedAt: string | undefined;
  verifiedSeq: number | undefined;
  fault: string | undefined;
}

export async function listChainStatuses(db: Queryable, teamIds: readonly string[]): Promise<ChainStatus[]> {
  if (teamIds.length === 0) return [];
  const rows = await db
    .selectFrom('chains')
    .selectAll()
    .where('team_id', 'in', teamIds)
    .orderBy('team_id')
    .execute();
  return rows.map((row) => ({
    teamId: row.team_id,
    seq: row.seq,
    hash: row.hash,
    verifiedAt: row.verified_at ?? undefined,
    verifiedSeq: row.verified_seq ?? undefined,
    fault: row.verified_fault ?? undefined,
  }));
}

function toMember(row: { enterprise_id: string | null; team_id: string; user_id: string }): Member {
  return { enterpriseId: row.enterprise_id ?? undefined, teamId: row.team_id, userId: row.user_id };
}
