import type { Queryable } from '../database/schema';
import type { Member } from '../slack/workspace';
import { type NewToken, type SealedToken, toSealedToken, toTokenColumns } from './token-store';

/** Replaces the token that the user had there, whichever enterprise was named then. */
export async function saveUserToken(
  db: Queryable,
  { enterpriseId = '', teamId, userId }: Member,
  token: Omit<NewToken, 'key'>,
): Promise<void> {
  const key = { enterpriseId, teamId, userId };
  const row = { ...toTokenColumns({ key, ...token }), user_id: userId, doubted_at_ms: null };
  await db
    .deleteFrom('user_tokens')
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .where('enterprise_id', '!=', enterpriseId)
    .execute();
  await db
    .insertInto('user_tokens')
    .values(row)
    .onConflict((conflict) => conflict.columns(['enterprise_id', 'team_id', 'user_id']).doUpdateSet(row))
    .execute();
}

export async function findUserToken(
  db: Queryable,
  { teamId, userId }: { teamId: string; userId: string },
): Promise<SealedToken | undefined> {
  const row = await db
    .selectFrom('user_tokens')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row && toSealedToken(row);
}

/** The next tokens of a team's users, after the user named. */
export async function listUserTokens(
  db: Queryable,
  { teamId, after, limit }: { teamId: string; after: string; limit: number },
): Promise<SealedToken[]> {
  const rows = await db
    .selectFrom('user_tokens')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('user_id', '>', after)
    .orderBy('user_id')
    .limit(limit)
    .execute();
  return rows.map(toSealedToken);
}

/** Deletes tokens no newer than `time` (seconds, Slack's clock), of every user of the team where none is named. */
export async function deleteUserTokens(
  db: Queryable,
  { teamId, userIds, time }: { teamId: string; userIds?: readonly string[]; time: number },
): Promise<void> {
  if (userIds?.length === 0) return;
  let query = db.deleteFrom('user_tokens').where('team_id', '=', teamId).where('mark', '<=', time);
  if (userIds !== undefined) query = query.where('user_id', 'in', userIds);
  await query.execute();
}
