import { sql } from 'kysely';
import { z } from 'zod';
import { isOver } from '../database/is-over';
import { jsonRows } from '../database/json-rows';
import type { NoticeRow, Queryable } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import type { Member } from '../slack/workspace';

const noticeEvents = [
  'granted',
  'denied',
  'removed',
  'wrong_account',
  'not_granted',
  'not_requested',
] as const;
export type NoticeEvent = (typeof noticeEvents)[number];
const knownNoticeEvent = z.enum(noticeEvents);

/** Something that a user is to be told, once. */
export interface Notice extends Member {
  event: NoticeEvent;
  scopes: string[];
}

export interface DueNotice extends Notice {
  id: number;
  /** How often it was tried, this time included. */
  attempts: number;
}

export async function insertNotices(db: Queryable, notices: readonly Notice[]): Promise<void> {
  if (notices.length === 0) return;
  const rows = notices.map((notice) => ({
    team_id: notice.teamId,
    user_id: notice.userId,
    event: notice.event,
    scopes: JSON.stringify(notice.scopes),
    enterprise_id: notice.enterpriseId ?? null,
  }));
  const columns = {
    team_id: 'text',
    user_id: 'text',
    event: 'text',
    scopes: 'text',
    enterprise_id: 'text',
  } as const;
  const given = jsonRows(db, columns, rows);
  await sql`insert into notices (team_id, user_id, event, scopes, enterprise_id, due_at_ms)
    select team_id, user_id, event, scopes, enterprise_id, 0 from ${given} as r`.execute(db);
}

/** Takes the notices that are due, oldest first, and keeps them from other takers until `leaseUntil`. `longestMs`: of any wait. */
export async function takeDueNotices(
  db: Queryable,
  {
    now,
    leaseUntil,
    limit,
    longestMs,
  }: { now: number; leaseUntil: number; limit: number; longestMs: number },
): Promise<DueNotice[]> {
  const isDue = isOver('due_at_ms', now, longestMs);
  const due = db.selectFrom('notices').select('id').where(isDue).orderBy('id').limit(limit);
  const rows = await db
    .updateTable('notices')
    .set((column) => ({ due_at_ms: leaseUntil, attempts: column('attempts', '+', 1) }))
    .where('id', 'in', due)
    // Asked again: on PostgreSQL another instance may have taken it while this one waited for the row.
    .where(isDue)
    .returningAll()
    .execute();
  return rows.map(toDueNotice).sort((a, b) => a.id - b.id);
}

function toDueNotice(row: NoticeRow): DueNotice {
  return {
    id: row.id,
    teamId: row.team_id,
    enterpriseId: row.enterprise_id ?? undefined,
    userId: row.user_id,
    event: knownNoticeEvent.parse(row.event),
    scopes: toScopeList(row.scopes),
    attempts: row.attempts,
  };
}

export async function deleteNotice(db: Queryable, id: number): Promise<void> {
  await db.deleteFrom('notices').where('id', '=', id).execute();
}

export async function postponeNotice(db: Queryable, id: number, dueAt: number): Promise<void> {
  await db.updateTable('notices').set({ due_at_ms: dueAt }).where('id', '=', id).execute();
}
