import type { Queryable } from '../database/schema';
import type { Workspace } from '../slack/workspace';

/** Every workspace that is known of: installed in, or with users who have consented. */
export async function listWorkspaces(db: Queryable): Promise<Workspace[]> {
  const rows = await db
    .selectFrom((known) =>
      known
        .selectFrom('bot_installations')
        .select('team_id')
        .where('team_id', '!=', '')
        .union(known.selectFrom('user_tokens').select('team_id'))
        .as('known'),
    )
    .leftJoin('workspaces', 'workspaces.team_id', 'known.team_id')
    .select(['known.team_id', 'workspaces.enterprise_id'])
    .orderBy('known.team_id')
    .execute();
  return rows.map((row) => ({ teamId: row.team_id, enterpriseId: row.enterprise_id || undefined }));
}

/** The organisations of these workspaces: empty for none. What is not known is not there. */
export async function listEnterprises(
  db: Queryable,
  teamIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('workspaces')
    .select(['team_id', 'enterprise_id'])
    .where('team_id', 'in', teamIds)
    .execute();
  return new Map(rows.map((row) => [row.team_id, row.enterprise_id]));
}

/** Slack says which organisation a workspace is in; empty: in none. */
export async function saveEnterprise(db: Queryable, teamId: string, enterpriseId: string): Promise<void> {
  await db
    .insertInto('workspaces')
    .values({ team_id: teamId, enterprise_id: enterpriseId })
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet({ enterprise_id: enterpriseId }))
    .execute();
}

/** The organisation's installation does not reach these any more. Nothing is changed where they are another's. */
export async function leaveEnterprise(
  db: Queryable,
  teamIds: readonly string[],
  enterpriseId: string | undefined,
): Promise<void> {
  if (teamIds.length === 0) return;
  let query = db.updateTable('workspaces').set({ enterprise_id: '' }).where('team_id', 'in', teamIds);
  if (enterpriseId !== undefined) query = query.where('enterprise_id', '=', enterpriseId);
  await query.execute();
}

/** The workspaces of an organisation, as far as Slack has spoken of them. */
export async function listTeamsOfEnterprise(db: Queryable, enterpriseId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('workspaces')
    .select('team_id')
    .where('enterprise_id', '=', enterpriseId)
    .orderBy('team_id')
    .execute();
  return rows.map((row) => row.team_id);
}

/** Remembers that an installation ended, by its key: what Slack tells afterwards of it is of that one. */
export async function recordInstallationEnd(db: Queryable, key: string, time: number): Promise<void> {
  await db
    .insertInto('workspaces')
    .values({ team_id: key, enterprise_id: '', ended_mark: time })
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet({ ended_mark: time }))
    .execute();
}

/** When (seconds, Slack's clock) the installations of these keys ended; those that never did are not there. */
export async function listInstallationEnds(
  db: Queryable,
  keys: readonly string[],
): Promise<Map<string, number>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom('workspaces')
    .select(['team_id', 'ended_mark'])
    .where('team_id', 'in', keys)
    .where('ended_mark', '>', 0)
    .execute();
  return new Map(rows.map((row) => [row.team_id, row.ended_mark]));
}
