import { sql } from 'kysely';
import { z } from 'zod';
import type { Queryable } from '../database/schema';
import { APP } from '../grants/grant-state';
import { type Grant, logSources } from '../grants/log/entry';

export const holderOrders = ['user', 'scopes', 'latest'] as const;
/** By name, by how many scopes they hold, or by the newest of them. */
export type HolderOrder = (typeof holderOrders)[number];

/** Where a page of holders ends. */
export interface HolderKey {
  count: number;
  latest: string;
  teamId: string;
  userId: string;
}

const knownSource = z.enum(logSources);

/** The next users that hold something, after the one named, a row each. */
export async function listHolderKeys(
  db: Queryable,
  {
    teamIds,
    scope,
    order,
    isDescending,
    after,
    limit,
  }: {
    teamIds: readonly string[];
    scope?: string | undefined;
    order: HolderOrder;
    isDescending: boolean;
    after: HolderKey | undefined;
    limit: number;
  },
): Promise<HolderKey[]> {
  const column = { user: sql`user_id`, scopes: sql`scope_count`, latest: sql`latest` }[order];
  const direction = sql.raw(isDescending ? 'desc' : 'asc');
  const isAfter = after === undefined ? sql`` : sql`where ${isPast(column, order, isDescending, after)}`;
  const { rows } = await sql<{ team_id: string; user_id: string; scope_count: number; latest: string }>`
    select * from (
      select team_id, user_id, count(*) as scope_count, max(granted_at) as latest from grants
      where team_id in (${sql.join(teamIds)}) and held = 1 ${scope === undefined ? sql`` : sql`and scope = ${scope}`}
      group by team_id, user_id
    ) as holders ${isAfter}
    order by ${column} ${direction}, team_id ${direction}, user_id ${direction} limit ${limit}`.execute(db);
  return rows.map((row) => ({
    count: row.scope_count,
    latest: row.latest,
    teamId: row.team_id,
    userId: row.user_id,
  }));
}

function isPast(
  column: ReturnType<typeof sql>,
  order: HolderOrder,
  isDescending: boolean,
  { count, latest, teamId, userId }: HolderKey,
) {
  const value = { user: userId, scopes: count, latest }[order];
  const than = sql.raw(isDescending ? '<' : '>');
  return sql`(${column}, team_id, user_id) ${than} (${value}, ${teamId}, ${userId})`;
}

/** What these users hold in these teams. */
export async function listGrantsOf(
  db: Queryable,
  { teamIds, userIds }: { teamIds: readonly string[]; userIds: readonly string[] },
): Promise<Grant[]> {
  if (userIds.length === 0) return [];
  const rows = await db
    .selectFrom('grants')
    .selectAll()
    .where('team_id', 'in', teamIds)
    .where('user_id', 'in', userIds)
    .where('held', '=', 1)
    .orderBy('team_id')
    .orderBy('user_id')
    .orderBy('scope')
    .execute();
  return rows.map((row) => ({
    teamId: row.team_id,
    userId: row.user_id === APP ? null : row.user_id,
    scope: row.scope,
    grantedAt: row.granted_at,
    source: knownSource.parse(row.source),
  }));
}
