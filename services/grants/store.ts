import { sql } from 'kysely';
import { z } from 'zod';
import type { Queryable } from '../database/database';
import type { GrantLogRow, NewGrantLogRow } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import { triggerSources } from '../trigger/trigger';
import {
  type Grant,
  type GrantFilter,
  type LogEntry,
  type LogFilter,
  logEvents,
  logSources,
  type Page,
} from './log-entry';

const knownEvent = z.enum(logEvents);
const knownSource = z.enum(logSources);
const knownTriggerSource = z.enum(triggerSources);

/** The app itself has no user id; a primary key has no null. */
const APP_USER = '';

function toLogEntry(row: GrantLogRow): LogEntry {
  return {
    seq: row.seq,
    at: row.at,
    teamId: row.team_id,
    userId: row.user_id,
    event: knownEvent.parse(row.event),
    scopes: toScopeList(row.scopes),
    source: knownSource.parse(row.source),
    requestId: row.request_id,
    triggerSource: row.trigger_source === null ? null : knownTriggerSource.parse(row.trigger_source),
    eventId: row.event_id,
    error: row.error,
    reason: row.reason,
  };
}

export async function insertLogEntry(db: Queryable, entry: Omit<LogEntry, 'seq'>): Promise<void> {
  const row: NewGrantLogRow = {
    at: entry.at,
    team_id: entry.teamId,
    user_id: entry.userId,
    event: entry.event,
    scopes: JSON.stringify(entry.scopes),
    source: entry.source,
    request_id: entry.requestId,
    trigger_source: entry.triggerSource,
    event_id: entry.eventId,
    error: entry.error,
    reason: entry.reason,
  };
  await db.insertInto('grant_log').values(row).execute();
}

/** One page of the log. The cursor is the `seq` of the last entry seen, so that a page costs the same at any depth. */
export async function listLogEntries(
  db: Queryable,
  {
    filter,
    order,
    cursor,
    limit,
  }: { filter: LogFilter; order: 'asc' | 'desc'; cursor?: string; limit: number },
): Promise<Page<LogEntry>> {
  let query = db.selectFrom('grant_log').selectAll().orderBy('seq', order).limit(limit);
  if (cursor !== undefined) query = query.where('seq', order === 'asc' ? '>' : '<', Number(cursor));
  if (filter.teamId !== undefined) query = query.where('team_id', '=', filter.teamId);
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
  if (filter.event !== undefined) query = query.where('event', '=', filter.event);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  if (filter.scope !== undefined)
    query = query.where(sql<boolean>`scopes like ${toLikePattern(filter.scope)} escape '!'`);
  const items = (await query.execute()).map(toLogEntry);
  const last = items.at(-1);
  return { items, nextCursor: items.length === limit && last !== undefined ? String(last.seq) : undefined };
}

/** Finds the scope as a whole string in a JSON list; `_` and `%` in it stand for themselves. */
function toLikePattern(scope: string): string {
  return `%${JSON.stringify(scope).replace(/[!%_]/g, '!$&')}%`;
}

export async function listGrantRows(db: Queryable, filter: GrantFilter): Promise<Grant[]> {
  let query = db.selectFrom('grants').selectAll().orderBy('team_id').orderBy('user_id').orderBy('scope');
  if (filter.teamId !== undefined) query = query.where('team_id', '=', filter.teamId);
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
  if (filter.scope !== undefined) query = query.where('scope', '=', filter.scope);
  return (await query.execute()).map((row) => ({
    teamId: row.team_id,
    userId: row.user_id === APP_USER ? null : row.user_id,
    scope: row.scope,
    grantedAt: row.granted_at,
    source: knownSource.parse(row.source),
  }));
}

/** A scope that stands already keeps its first `grantedAt`. */
export async function insertGrants(db: Queryable, grants: Grant[]): Promise<void> {
  if (grants.length === 0) return;
  const rows = grants.map((grant) => ({
    team_id: grant.teamId,
    user_id: grant.userId ?? APP_USER,
    scope: grant.scope,
    granted_at: grant.grantedAt,
    source: grant.source,
  }));
  await db
    .insertInto('grants')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Ends every grant of a user, or of the app where `userId` is null; answers with the scopes that stood. */
export async function deleteGrants(
  db: Queryable,
  owner: { teamId: string; userId: string | null },
): Promise<string[]> {
  const rows = await db
    .deleteFrom('grants')
    .where('team_id', '=', owner.teamId)
    .where('user_id', '=', owner.userId ?? APP_USER)
    .returning('scope')
    .execute();
  return rows.map((row) => row.scope).sort();
}

/** The users of a team that hold a scope now. */
export async function listUsersWithGrants(db: Queryable, teamId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('grants')
    .select('user_id')
    .distinct()
    .where('team_id', '=', teamId)
    .where('user_id', '!=', APP_USER)
    .orderBy('user_id')
    .execute();
  return rows.map((row) => row.user_id);
}

/** False where the event was recorded before. */
export async function insertReceivedEvent(
  db: Queryable,
  event: { eventId: string; at: string },
): Promise<boolean> {
  const result = await db
    .insertInto('received_events')
    .values({ event_id: event.eventId, received_at: event.at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
