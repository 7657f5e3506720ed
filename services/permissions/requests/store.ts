import { sql } from 'kysely';
import { z } from 'zod';
import type { ReadRows } from '../../database/dialect';
import { jsonRows } from '../../database/json-rows';
import type { Queryable, RequestState, TableRow } from '../../database/schema';
import { toScopeList } from '../../database/scope-list';
import type { Owner } from '../../grants/grant-state';
import { toSha256 } from '../../runtime/secrets/sha256';
import { type TriggerSource, triggerSources } from '../../slack/trigger';
import type { Member } from '../../slack/workspace';

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

function toRequest(row: TableRow<'permission_requests'>): PermissionRequest {
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

/** The state of a request, and the trigger that it used up last. */
export interface RequestSnapshot {
  request: PermissionRequest;
  state: RequestState;
  /** Where an answer is awaited. */
  expiresAt: string | null;
  triggerId: string | undefined;
}

const REQUEST_COLUMNS = {
  id: 'text',
  team_id: 'text',
  user_id: 'text',
  scopes: 'text',
  reason: 'text',
  trigger_source: 'text',
  state: 'text',
  created_at: 'text',
  expires_at: 'text',
  enterprise_id: 'text',
} as const;

/** Where a request is in the batch twice, the last state counts, and both triggers are stored. */
export async function saveRequests(db: Queryable, saved: readonly RequestSnapshot[]): Promise<void> {
  if (saved.length === 0) return;
  const last = new Map(saved.map((now) => [now.request.id, now]));
  const rows = [...last.values()].map(({ request, state, expiresAt }) => ({
    id: request.id,
    team_id: request.teamId,
    user_id: request.userId,
    scopes: JSON.stringify(request.scopes),
    reason: request.reason,
    trigger_source: request.triggerSource,
    state,
    created_at: request.createdAt,
    expires_at: expiresAt,
    enterprise_id: request.enterpriseId ?? null,
  }));
  const names = sql.join(Object.keys(REQUEST_COLUMNS).map((name) => sql.ref(name)));
  await sql`
    insert into permission_requests (${names}) select ${names} from ${jsonRows(db, REQUEST_COLUMNS, rows)} as r where true
    on conflict (id) do update set scopes = excluded.scopes, trigger_source = excluded.trigger_source,
      state = excluded.state, expires_at = excluded.expires_at`.execute(db);
  const triggers = saved.flatMap(({ request, triggerId }) =>
    triggerId === undefined ? [] : [{ trigger_hash: toSha256(triggerId), request_id: request.id }],
  );
  if (triggers.length === 0) return;
  const used = jsonRows(db, { trigger_hash: 'text', request_id: 'text' }, triggers);
  await sql`insert into request_triggers (trigger_hash, request_id)
    select trigger_hash, request_id from ${used} as r where true on conflict do nothing`.execute(db);
}

export interface RequestWithState {
  request: PermissionRequest;
  state: RequestState;
}

function toRequestWithState(row: TableRow<'permission_requests'>): RequestWithState {
  return { request: toRequest(row), state: row.state };
}

export async function findRequestWithState(db: Queryable, id: string): Promise<RequestWithState | undefined> {
  const row = await db.selectFrom('permission_requests').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRequestWithState(row);
}

export async function findRequest(db: Queryable, id: string): Promise<PermissionRequest | undefined> {
  return (await findRequestWithState(db, id))?.request;
}

/** The requests that used up these triggers, by trigger. */
export async function findRequestsByTrigger(
  db: Queryable,
  triggerIds: readonly string[],
): Promise<Map<string, RequestWithState>> {
  if (triggerIds.length === 0) return new Map();
  const byHash = new Map(triggerIds.map((triggerId) => [toSha256(triggerId), triggerId]));
  const hashes = [...byHash.keys()].map((trigger_hash) => ({ trigger_hash }));
  const { rows } = await sql<TableRow<'permission_requests'> & { trigger_hash: string }>`
    select permission_requests.*, request_triggers.trigger_hash
    from ${jsonRows(db, { trigger_hash: 'text' }, hashes)} as r
    join request_triggers on request_triggers.trigger_hash = r.trigger_hash
    join permission_requests on permission_requests.id = request_triggers.request_id`.execute(db);
  // One object a request, however many triggers it used up.
  const byId = new Map<string, RequestWithState>();
  const byTrigger = new Map<string, RequestWithState>();
  for (const row of rows) {
    const found = byId.get(row.id) ?? toRequestWithState(row);
    byId.set(row.id, found);
    byTrigger.set(byHash.get(row.trigger_hash) ?? '', found);
  }
  return byTrigger;
}

/** The requests of these users that await an answer, newest first. */
export async function listOpenRequests(db: Queryable, owners: readonly Owner[]): Promise<RequestWithState[]> {
  if (owners.length === 0) return [];
  const users = owners.map(({ teamId, userId }) => ({ team_id: teamId, user_id: userId }));
  const { rows } = await sql<TableRow<'permission_requests'>>`
    select permission_requests.* from ${jsonRows(db, { team_id: 'text', user_id: 'text' }, users)} as r
    join permission_requests on permission_requests.team_id = r.team_id and permission_requests.user_id = r.user_id
    where permission_requests.state = 'requested' order by permission_requests.created_at desc`.execute(db);
  return rows.map(toRequestWithState);
}

export async function endRequests(
  db: Queryable,
  ends: readonly { id: string; state: RequestState }[],
): Promise<void> {
  if (ends.length === 0) return;
  const given = jsonRows(db, { id: 'text', state: 'text' }, ends);
  await sql`update permission_requests set state = r.state, expires_at = null
    from ${given} as r where permission_requests.id = r.id`.execute(db);
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
export async function expireRequest(
  db: Queryable,
  request: PermissionRequest,
  now: string,
): Promise<boolean> {
  const result = await db
    .updateTable('permission_requests')
    .set({ state: 'unanswered', expires_at: null })
    .where('id', '=', request.id)
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** What one user holds, and the requests that they were shown and have not answered. */
export interface HeldAndOpen {
  held: ReadonlySet<string>;
  /** `expiresAt`: after this it is unanswered, whether or not that is written yet. */
  open: readonly (PermissionRequest & { expiresAt: string })[];
}

/** One statement for both: a trigger waits for it. */
export async function findHeldAndOpen(read: ReadRows, { teamId, userId }: Owner): Promise<HeldAndOpen> {
  const rows = await read(sql<{ scope: string } | (TableRow<'permission_requests'> & { scope: null })>`
    select scope, null as id, null as team_id, null as user_id, null as scopes, null as reason, null as trigger_source,
      null as created_at, null as expires_at, null as enterprise_id
    from grants where team_id = ${teamId} and user_id = ${userId} and held = 1
    union all
    select null, id, team_id, user_id, scopes, reason, trigger_source, created_at, expires_at, enterprise_id
    from permission_requests where team_id = ${teamId} and user_id = ${userId} and state = 'requested'`);
  const held = new Set<string>();
  const open: HeldAndOpen['open'][number][] = [];
  for (const row of rows) {
    if (row.scope !== null) held.add(row.scope);
    else open.push({ ...toRequest(row), expiresAt: row.expires_at ?? '' });
  }
  return { held, open };
}

/** What the user has denied since, after having asked for it. What was left out may not have been theirs to grant. */
export async function listDeniedScopes(
  db: Queryable,
  { teamId, userId, createdAt }: PermissionRequest,
  since: string,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('grant_log')
    .select('scopes')
    .where('user_id', '=', userId)
    .where('team_id', '=', teamId)
    .where('event', '=', 'denied')
    .where('error', 'is', null)
    .where('at', '>=', since > createdAt ? since : createdAt)
    .execute();
  return new Set(rows.flatMap((row) => toScopeList(row.scopes)));
}
