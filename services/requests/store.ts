import { sql } from 'kysely';
import { z } from 'zod';
import { jsonRows } from '../database/json-rows';
import type { PermissionRequestRow, Queryable, RequestState } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import type { Owner } from '../grants/standing';
import { type TriggerSource, triggerSources } from '../trigger/trigger';
import type { Member } from '../workspace';

const knownTriggerSource = z.enum(triggerSources);

/** One ask of one user for some scopes. */
export interface PermissionRequest extends Member {
  id: string;
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
    enterpriseId: row.enterprise_id ?? undefined,
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
      enterprise_id: request.enterpriseId ?? null,
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

/** A request by its id, and how it stands. */
export async function findStandingRequest(db: Queryable, id: string): Promise<StandingRequest | undefined> {
  const row = await db.selectFrom('permission_requests').selectAll().where('id', '=', id).executeTakeFirst();
  return row && { request: toRequest(row), state: row.state };
}

/** A request, and how it stands. */
export interface StandingRequest {
  request: PermissionRequest;
  state: RequestState;
}

/** The requests that used up these triggers, by trigger. */
export async function findRequestsByTrigger(
  db: Queryable,
  triggerIds: readonly string[],
): Promise<Map<string, StandingRequest>> {
  if (triggerIds.length === 0) return new Map();
  const triggers = jsonRows(
    db,
    { trigger_id: 'text' },
    triggerIds.map((trigger_id) => ({ trigger_id })),
  );
  const { rows } = await sql<PermissionRequestRow & { trigger_id: string }>`
    select permission_requests.*, request_triggers.trigger_id from ${triggers} as r
    join request_triggers on request_triggers.trigger_id = r.trigger_id
    join permission_requests on permission_requests.id = request_triggers.request_id`.execute(db);
  // One object a request, however many triggers it used up.
  const byId = new Map<string, StandingRequest>();
  const byTrigger = new Map<string, StandingRequest>();
  for (const row of rows) {
    const found = byId.get(row.id) ?? { request: toRequest(row), state: row.state };
    byId.set(row.id, found);
    byTrigger.set(row.trigger_id, found);
  }
  return byTrigger;
}

/** The requests of these users that await an answer, newest first. */
export async function listOpenRequests(db: Queryable, owners: readonly Owner[]): Promise<StandingRequest[]> {
  if (owners.length === 0) return [];
  const users = jsonRows(
    db,
    { team_id: 'text', user_id: 'text' },
    owners.map(({ teamId, userId }) => ({ team_id: teamId, user_id: userId })),
  );
  const { rows } = await sql<PermissionRequestRow>`
    select permission_requests.* from ${users} as r
    join permission_requests on permission_requests.team_id = r.team_id and permission_requests.user_id = r.user_id
    where permission_requests.state = 'requested' order by permission_requests.created_at desc`.execute(db);
  return rows.map((row) => ({ request: toRequest(row), state: row.state }));
}

/** Writes the ends of requests. */
export async function endRequests(
  db: Queryable,
  ends: readonly { id: string; state: RequestState }[],
): Promise<void> {
  if (ends.length === 0) return;
  const rows = ends.map(({ id, state }) => ({ id, state }));
  await sql`update permission_requests set state = r.state, expires_at = null
    from ${jsonRows(db, { id: 'text', state: 'text' }, rows)} as r where permission_requests.id = r.id`.execute(
    db,
  );
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
