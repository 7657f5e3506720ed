import { type Expression, sql } from 'kysely';
import { z } from 'zod';
import type { Database } from '../database/database';
import { jsonRows } from '../database/json-rows';
import { setLease, takeDue } from '../database/lease';
import type { Queryable, TableRow } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import { MAX_RETRY_AFTER_MS } from '../slack/rate-limit';
import type { Member } from '../slack/workspace';

/** Longer than a batch can take: until then no other instance sends its notices. */
const LEASE_MS = 60_000;

const noticeEvent = z.enum(['granted', 'denied', 'removed', 'wrong_account', 'not_granted', 'not_requested']);
export type NoticeEvent = z.infer<typeof noticeEvent>;

/** A message that a user gets once. */
export interface Notice extends Member {
  event: NoticeEvent;
  scopes: string[];
}

export interface DueNotice extends Notice {
  id: number;
  /** Including this one. */
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
  await sql`insert into notices (team_id, user_id, event, scopes, enterprise_id, due_at_ms)
    select team_id, user_id, event, scopes, enterprise_id, 0
    from ${jsonRows(db, columns, rows)} as r`.execute(db);
}

/** Leases the notices that are due, oldest first. */
export async function takeDueNotices(
  database: Database,
  { now, limit }: { now: number; limit: number },
): Promise<DueNotice[]> {
  const due = { ...leased(sql`true`), key: ['id'], orderBy: 'id', limit } as const;
  const set = { attempts: sql`attempts + 1` };
  const rows = await takeDue(database, due, { now, leaseMs: LEASE_MS, longestMs: MAX_RETRY_AFTER_MS, set });
  return rows.map(toDueNotice).sort((a, b) => a.id - b.id);
}

function leased(where: Expression<unknown>) {
  return { table: 'notices', until: ['due_at_ms'], where } as const;
}

function toDueNotice(row: TableRow<'notices'>): DueNotice {
  return {
    id: row.id,
    teamId: row.team_id,
    enterpriseId: row.enterprise_id ?? undefined,
    userId: row.user_id,
    event: noticeEvent.parse(row.event),
    scopes: toScopeList(row.scopes),
    attempts: row.attempts,
  };
}

export async function deleteNotice(db: Queryable, id: number): Promise<void> {
  await db.deleteFrom('notices').where('id', '=', id).execute();
}

export async function postponeNotice(db: Queryable, id: number, dueAt: number): Promise<void> {
  await setLease(db, leased(sql`id = ${id}`), dueAt);
}
