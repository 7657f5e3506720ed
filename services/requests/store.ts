import { z } from 'zod';
import type { Queryable } from '../database/database';
import type { PermissionRequestRow, RequestState } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import { type TriggerSource, triggerSources } from '../trigger/trigger';

const knownTriggerSource = z.enum(triggerSources);

/** One ask of one user for some scopes. */
export interface PermissionRequest {
  id: string;
  teamId: string;
  userId: string;
  scopes: string[];
  /** The user's own words, where a form asked for them. */
  reason: string | null;
  /** The gesture that it last went out with. */
  triggerSource: TriggerSource;
  createdAt: string;
}

function toRequest(row: PermissionRequestRow): PermissionRequest {
  return {
    id: row.id,
    teamId: row.team_id,
    userId: row.user_id,
    scopes: toScopeList(row.scopes),
    reason: row.reason,
    triggerSource: knownTriggerSource.parse(row.trigger_source),
    createdAt: row.created_at,
  };
}

/** Saves how a request stands now, and which trigger it used up on the way there. */
export async function saveRequest(
  db: Queryable,
  request: PermissionRequest,
  now: { state: RequestState; expiresAt: string | null; triggerId: string | undefined },
): Promise<void> {
  await db
    .insertInto('permission_requests')
    .values({
      id: request.id,
      team_id: request.teamId,
      user_id: request.userId,
      scopes: JSON.stringify(request.scopes),
      reason: request.reason,
      trigger_source: request.triggerSource,
      state: now.state,
      created_at: request.createdAt,
      expires_at: now.expiresAt,
    })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        scopes: JSON.stringify(request.scopes),
        trigger_source: request.triggerSource,
        state: now.state,
        expires_at: now.expiresAt,
      }),
    )
    .execute();
  if (now.triggerId === undefined) return;
  await db
    .insertInto('request_triggers')
    .values({ trigger_id: now.triggerId, request_id: request.id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function findRequest(db: Queryable, id: string): Promise<PermissionRequest | undefined> {
  const row = await db.selectFrom('permission_requests').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRequest(row);
}

/** The request that used up this trigger, if it is one of this user's. */
export async function findRequestByTrigger(
  db: Queryable,
  { triggerId, teamId, userId }: { triggerId: string; teamId: string; userId: string },
): Promise<PermissionRequest | undefined> {
  const row = await db
    .selectFrom('permission_requests')
    .innerJoin('request_triggers', 'request_triggers.request_id', 'permission_requests.id')
    .selectAll('permission_requests')
    .where('request_triggers.trigger_id', '=', triggerId)
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row && toRequest(row);
}

/** The user's newest request that awaits an answer and asked for all of these scopes. */
export async function findOpenRequest(
  db: Queryable,
  { scopes, teamId, userId }: { scopes: readonly string[]; teamId: string; userId: string },
): Promise<PermissionRequest | undefined> {
  const rows = await db
    .selectFrom('permission_requests')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .where('state', '=', 'requested')
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(toRequest).find((request) => scopes.every((scope) => request.scopes.includes(scope)));
}

/** Writes the end of a request. */
export async function endRequest(db: Queryable, id: string, state: RequestState): Promise<void> {
  await db.updateTable('permission_requests').set({ state, expires_at: null }).where('id', '=', id).execute();
}

/** Requests whose time for an answer is over. */
export async function listExpiredRequests(
  db: Queryable,
  now: string,
  limit: number,
): Promise<PermissionRequest[]> {
  const rows = await db
    .selectFrom('permission_requests')
    .selectAll()
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  return rows.map(toRequest);
}

/** True for the one caller that ended it: an answer, or another instance, may have been first. */
export async function expireRequest(db: Queryable, id: string, now: string): Promise<boolean> {
  const result = await db
    .updateTable('permission_requests')
    .set({ state: 'unanswered', expires_at: null })
    .where('id', '=', id)
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
