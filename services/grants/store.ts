import { PostgresAdapter, sql } from 'kysely';
import { z } from 'zod';
import { jsonRows } from '../database/json-rows';
import type { Queryable, TableRow } from '../database/schema';
import { toSha256 } from '../runtime/secrets/sha256';
import { toMemberKey } from '../slack/workspace';
import { APP_USER_ID, type GrantState, type Owner, WILDCARD } from './grant-state';
import { type Grant, type GrantFilter, logSources } from './log/entry';

const knownSource = z.enum(logSources);

/** The scopes that are held now. */
export async function listGrantsFromStore(db: Queryable, filter: GrantFilter): Promise<Grant[]> {
  const { teamId, teamIds, userId, userIds, scope } = filter;
  let query = db.selectFrom('grants').selectAll().where('held', '=', 1);
  if (teamId !== undefined) query = query.where('team_id', '=', teamId);
  if (teamIds !== undefined) query = query.where('team_id', 'in', teamIds);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (userIds !== undefined) query = query.where('user_id', 'in', userIds);
  if (scope !== undefined) query = query.where('scope', '=', scope);
  const rows = await query.orderBy('team_id').orderBy('user_id').orderBy('scope').execute();
  return rows.map((row) => ({
    teamId: row.team_id,
    userId: row.user_id === APP_USER_ID ? null : row.user_id,
    scope: row.scope,
    grantedAt: row.granted_at,
    source: knownSource.parse(row.source),
  }));
}

/** What each of these users holds, by `toMemberKey`; those who hold nothing are left out. */
export async function findHeldScopes(
  db: Queryable,
  owners: readonly Owner[],
): Promise<Map<string, ReadonlySet<string>>> {
  const { rows } = await sql<Pick<TableRow<'grants'>, 'team_id' | 'user_id' | 'scope'>>`
    select grants.team_id, grants.user_id, grants.scope from ${ownerRows(db, owners)} as r
    join grants on grants.team_id = r.team_id and grants.user_id = r.user_id where held = 1`.execute(db);
  const held = new Map<string, Set<string>>();
  for (const row of rows) {
    const key = toMemberKey({ teamId: row.team_id, userId: row.user_id });
    const scopes = held.get(key) ?? new Set();
    held.set(key, scopes.add(row.scope));
  }
  return held;
}

function ownerRows(db: Queryable, owners: readonly Owner[]) {
  const rows = owners.map(({ teamId, userId }) => ({ team_id: teamId, user_id: userId }));
  return jsonRows(db, { team_id: 'text', user_id: 'text' }, rows);
}

/** Everything that is known of these users, and the cutoffs of their teams. */
export async function loadGrantStates(db: Queryable, owners: readonly Owner[]): Promise<GrantState[]> {
  if (owners.length === 0) return [];
  const teamIds = [...new Set(owners.map(({ teamId }) => teamId))];
  const teams = teamIds.map((teamId) => ({ teamId, userId: WILDCARD }));
  const { rows } = await sql<TableRow<'grants'>>`
    select grants.* from ${ownerRows(db, [...owners, ...teams])} as r
    join grants on grants.team_id = r.team_id and grants.user_id = r.user_id`.execute(db);
  return rows.map((row) => ({
    teamId: row.team_id,
    userId: row.user_id,
    scope: row.scope,
    held: row.held === 1,
    cutoff: row.mark,
    sweepId: row.sweep_id,
    grantedAt: row.granted_at,
    source: knownSource.parse(row.source),
  }));
}

const GRANT_COLUMNS = {
  team_id: 'text',
  user_id: 'text',
  scope: 'text',
  granted_at: 'text',
  source: 'text',
  held: 'bigint',
  mark: 'bigint',
  sweep_id: 'bigint',
} as const;

export async function saveGrantStates(db: Queryable, grantStates: readonly GrantState[]): Promise<void> {
  if (grantStates.length === 0) return;
  const rows = grantStates.map((grantState) => ({
    team_id: grantState.teamId,
    user_id: grantState.userId,
    scope: grantState.scope,
    granted_at: grantState.grantedAt,
    source: grantState.source,
    held: grantState.held ? 1 : 0,
    mark: grantState.cutoff,
    sweep_id: grantState.sweepId,
  }));
  const names = sql.join(Object.keys(GRANT_COLUMNS).map((name) => sql.ref(name)));
  await sql`
    insert into grants (${names}) select ${names} from ${jsonRows(db, GRANT_COLUMNS, rows)} as r where true
    on conflict (team_id, user_id, scope) do update set granted_at = excluded.granted_at, source = excluded.source,
      held = excluded.held, mark = excluded.mark, sweep_id = excluded.sweep_id`.execute(db);
}

/** Which of these users hold other scopes than those given: one query decides for a page, usually that none does. */
export async function listDifferentHolders(
  db: Queryable,
  { teamId, users }: { teamId: string; users: readonly { userId: string; scopes: readonly string[] }[] },
): Promise<ReadonlySet<string>> {
  const given = users.map(({ userId, scopes }) => ({
    user_id: userId,
    scopes: scopes.length === 1 ? (scopes[0] ?? '') : [...new Set(scopes)].sort().join(' '),
  }));
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const allScopes = isPostgres
    ? sql`string_agg(scope, ' ' order by scope collate "C")`
    : sql`group_concat(scope, ' ' order by scope)`;
  const { rows } = await sql<{ user_id: string }>`
    select r.user_id from ${jsonRows(db, { user_id: 'text', scopes: 'text' }, given)} as r
    where r.scopes is distinct from coalesce((
      select ${allScopes} from grants where team_id = ${teamId} and user_id = r.user_id and held = 1
    ), '')`.execute(db);
  return new Set(rows.map((row) => row.user_id));
}

/** Marks all that these users hold as seen by a sweep; reports older than `time` (seconds, Slack's clock) no longer change it. */
export async function markSeen(
  db: Queryable,
  seen: { teamId: string; userIds: readonly string[]; time: number; sweepId: number },
): Promise<void> {
  const { teamId, userIds, time, sweepId } = seen;
  if (userIds.length === 0) return;
  const users = userIds.map((userId) => ({ user_id: userId }));
  await sql`update grants set sweep_id = ${sweepId}, mark = case when mark < ${time} then ${time} else mark end
    where team_id = ${teamId} and held = 1
    and user_id in (select user_id from ${jsonRows(db, { user_id: 'text' }, users)} as r)`.execute(db);
}

/** The next users of a team that hold a scope, after the user `after`. */
export async function listHolders(
  db: Queryable,
  page: { teamId: string; after: string | undefined; limit: number; notSeenBy?: number },
): Promise<string[]> {
  const { teamId, after, limit, notSeenBy } = page;
  let query = db
    .selectFrom('grants')
    .select('user_id')
    .distinct()
    .where('team_id', '=', teamId)
    .where('held', '=', 1);
  if (after !== undefined) query = query.where('user_id', '>', after);
  if (notSeenBy !== undefined) query = query.where('sweep_id', '!=', notSeenBy);
  const rows = await query.orderBy('user_id').limit(limit).execute();
  return rows.map((row) => row.user_id);
}

/** Stores events as received; returns the ids of those that are new, both by id and by meaning. */
export async function insertReceivedEvents(
  db: Queryable,
  events: readonly { eventId: string; meaning: string }[],
  at: string,
): Promise<ReadonlySet<string>> {
  const rows = events.map(({ eventId, meaning }) => ({ event_id: eventId, meaning: toSha256(meaning) }));
  const { rows: inserted } = await sql<{ event_id: string }>`
    insert into received_events (event_id, received_at, meaning)
    select event_id, ${at}, meaning from ${jsonRows(db, { event_id: 'text', meaning: 'text' }, rows)} as r where true
    on conflict do nothing returning event_id`.execute(db);
  return new Set(inserted.map((row) => row.event_id));
}

/** The open sweep of each team that has one. */
export async function listOpenSweeps(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('sweeps')
    .select(['team_id', 'sweep_id'])
    .where('state', '!=', 'done')
    .execute();
  return new Map(rows.map((row) => [row.team_id, row.sweep_id]));
}
