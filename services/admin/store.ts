import type { Queryable, TableRow } from '../database/schema';
import { toIsoTime } from '../runtime/clock';
import type { Member } from '../slack/workspace';

/** A private link: who it is for, and until when it is good. */
export interface StoredLink extends Member {
  expiresAtMs: number;
  usedAt: string | undefined;
}

export async function insertLink(
  db: Queryable,
  link: { tokenHash: string; member: Member; expiresAtMs: number },
): Promise<void> {
  const { tokenHash: token_hash, member, expiresAtMs: expires_at_ms } = link;
  const row = { ...toMemberRow(member), token_hash, expires_at_ms, used_at: null };
  await db.insertInto('admin_links').values(row).execute();
}

export async function findLink(db: Queryable, tokenHash: string): Promise<StoredLink | undefined> {
  const query = db.selectFrom('admin_links').selectAll().where('token_hash', '=', tokenHash);
  const row = await query.executeTakeFirst();
  if (row === undefined) return undefined;
  return { ...toMember(row), expiresAtMs: row.expires_at_ms, usedAt: row.used_at ?? undefined };
}

/** True for the one caller, of all instances, that used it. */
export async function markLinkUsed(db: Queryable, tokenHash: string, nowMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('admin_links')
    .set({ used_at: toIsoTime(nowMs) })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The session of an admin who signed in. */
export interface StoredSession extends Member {
  idHash: string;
  begunAt: string;
  seenAtMs: number;
  checkedAtMs: number;
}

export async function insertSession(db: Queryable, session: StoredSession): Promise<void> {
  const { idHash: id_hash, begunAt: begun_at, seenAtMs: seen_at_ms, checkedAtMs: checked_at_ms } = session;
  const row = { ...toMemberRow(session), id_hash, begun_at, seen_at_ms, checked_at_ms };
  await db.insertInto('admin_sessions').values(row).execute();
}

export async function findSession(db: Queryable, idHash: string): Promise<StoredSession | undefined> {
  const query = db.selectFrom('admin_sessions').selectAll().where('id_hash', '=', idHash);
  const row = await query.executeTakeFirst();
  return row && toStoredSession(row);
}

function toStoredSession(row: TableRow<'admin_sessions'>): StoredSession {
  const { id_hash: idHash, begun_at: begunAt, seen_at_ms: seenAtMs, checked_at_ms: checkedAtMs } = row;
  return { ...toMember(row), idHash, begunAt, seenAtMs, checkedAtMs };
}

export function markSessionSeen(db: Queryable, idHash: string, atMs: number): Promise<void> {
  return advance(db, 'seen_at_ms', idHash, atMs);
}

export function markSessionChecked(db: Queryable, idHash: string, atMs: number): Promise<void> {
  return advance(db, 'checked_at_ms', idHash, atMs);
}

/** Never moves a time back: of two requests at once, the later one counts. */
async function advance(
  db: Queryable,
  column: 'seen_at_ms' | 'checked_at_ms',
  idHash: string,
  atMs: number,
): Promise<void> {
  await db
    .updateTable('admin_sessions')
    .set({ [column]: atMs })
    .where('id_hash', '=', idHash)
    .where(column, '<', atMs)
    .execute();
}

/** The sessions of an admin, the last seen first. */
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

/** Returns whose session it was; undefined where there was none. */
export async function deleteSession(db: Queryable, idHash: string): Promise<Member | undefined> {
  const row = await db
    .deleteFrom('admin_sessions')
    .where('id_hash', '=', idHash)
    .returning(['enterprise_id', 'team_id', 'user_id'])
    .executeTakeFirst();
  return row && toMember(row);
}

/** Deletes the links and sessions that let nobody in any more. */
export async function deleteExpiredAccess(
  db: Queryable,
  times: { linksBeforeMs: number; seenBeforeMs: number; begunBefore: string },
): Promise<void> {
  const { linksBeforeMs, seenBeforeMs, begunBefore } = times;
  await db.deleteFrom('admin_links').where('expires_at_ms', '<', linksBeforeMs).execute();
  await db
    .deleteFrom('admin_sessions')
    .where((or) => or.or([or('seen_at_ms', '<', seenBeforeMs), or('begun_at', '<', begunBefore)]))
    .execute();
}

/** The end of a team's chain, and the result of the last verification. */
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
  const query = db.selectFrom('chains').selectAll().where('team_id', 'in', teamIds).orderBy('team_id');
  return (await query.execute()).map((row) => ({
    teamId: row.team_id,
    seq: row.seq,
    hash: row.hash,
    verifiedAt: row.verified_at ?? undefined,
    verifiedSeq: row.verified_seq ?? undefined,
    fault: row.verified_fault ?? undefined,
  }));
}

type MemberRow = { enterprise_id: string | null; team_id: string; user_id: string };

function toMember({ enterprise_id, team_id: teamId, user_id: userId }: MemberRow): Member {
  return { enterpriseId: enterprise_id ?? undefined, teamId, userId };
}

function toMemberRow({ enterpriseId, teamId, userId }: Member): MemberRow {
  return { enterprise_id: enterpriseId ?? null, team_id: teamId, user_id: userId };
}
