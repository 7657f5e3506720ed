import { sql } from 'kysely';
import type { Queryable } from '../database/schema';

export const holderOrders = ['user', 'scopes', 'latest'] as const;
/** By user id, by the number of scopes, or by the newest grant. */
export type HolderOrder = (typeof holderOrders)[number];

/** The position of a user in any order. */
export interface HolderKey {
  count: number;
  latest: string;
  teamId: string;
  userId: string;
}

export interface HolderQuery {
  teamIds: readonly string[];
  /** Only users who hold this scope. */
  scope?: string | undefined;
  order: HolderOrder;
  isDescending: boolean;
  limit: number;
}

/** The next users that hold a scope, after `after`. */
export async function listHolderKeys(
  db: Queryable,
  { teamIds, scope, order, isDescending, after, limit }: HolderQuery & { after: HolderKey | undefined },
): Promise<HolderKey[]> {
  const column = { user: sql`user_id`, scopes: sql`scope_count`, latest: sql`latest` }[order];
  const direction = sql.raw(isDescending ? 'desc' : 'asc');
  const value = after && { user: after.userId, scopes: after.count, latest: after.latest }[order];
  const isAfter = after
    ? sql`where (${column}, team_id, user_id) ${sql.raw(isDescending ? '<' : '>')} (${value}, ${after.teamId}, ${after.userId})`
    : sql``;
  const { rows } = await sql<{ team_id: string; user_id: string; scope_count: number; latest: string }>`
    select * from (
      select team_id, user_id, count(*) as scope_count, max(granted_at) as latest from grants
      where team_id in (${sql.join(teamIds)}) and held = 1 ${scope === undefined ? sql`` : sql`and scope = ${scope}`}
      group by team_id, user_id
    ) as holders ${isAfter}
    order by ${column} ${direction}, team_id ${direction}, user_id ${direction} limit ${limit}`.execute(db);
  return rows.map(({ scope_count: count, latest, team_id: teamId, user_id: userId }) => ({
    count,
    latest,
    teamId,
    userId,
  }));
}
