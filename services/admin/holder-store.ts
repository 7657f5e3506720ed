import { sql } from 'kysely';
import { z } from 'zod';
import type { Queryable } from '../database/schema';
import { parseJson } from '../runtime/json';

export const holderOrders = ['user', 'scopes', 'latest'] as const;
/** By user id, number of scopes, or newest grant. */
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

/** The next users, after `after`, who hold a scope. */
export async function listHolderKeys(
  db: Queryable,
  { teamIds, scope, order, isDescending, after, limit }: HolderQuery & { after: HolderKey | undefined },
): Promise<HolderKey[]> {
  const column = { user: sql`"userId"`, scopes: sql`count`, latest: sql`latest` }[order];
  const direction = sql.raw(isDescending ? 'desc' : 'asc');
  const value = after && { user: after.userId, scopes: after.count, latest: after.latest }[order];
  const isAfter = after
    ? sql`where (${column}, "teamId", "userId") ${sql.raw(isDescending ? '<' : '>')} (${value}, ${after.teamId}, ${after.userId})`
    : sql``;
  const { rows } = await sql<HolderKey>`
    select * from (
      select team_id as "teamId", user_id as "userId", count(*) as count, max(granted_at) as latest from grants
      where team_id in (${sql.join(teamIds)}) and held = 1 ${scope === undefined ? sql`` : sql`and scope = ${scope}`}
      group by team_id, user_id
    ) as holders ${isAfter}
    order by ${column} ${direction}, "teamId" ${direction}, "userId" ${direction} limit ${limit}`.execute(db);
  return rows;
}

const keySchema = z.tuple([z.int().nonnegative(), z.string(), z.string(), z.string()]);

export function toHolderCursor({ count, latest, teamId, userId }: HolderKey): string {
  return Buffer.from(JSON.stringify([count, latest, teamId, userId])).toString('base64url');
}

/** Undefined where `toHolderCursor` did not make it: users can edit the address. */
export function readHolderCursor(cursor: string): HolderKey | undefined {
  const parsed = keySchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success) return undefined;
  const [count, latest, teamId, userId] = parsed.data;
  // PostgreSQL refuses such a text.
  if ([latest, teamId, userId].some((text) => text.includes('\0'))) return undefined;
  return { count, latest, teamId, userId };
}
