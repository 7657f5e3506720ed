import type { Queryable } from '../database/schema';
import type { Workspace } from '../slack/workspace';

/** Every workspace where the app is installed or a user has consented. */
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

/** The enterprises of these workspaces, by workspace; empty: in none. Unknown workspaces are left out. */
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

/** `enterpriseId` is empty where Slack says that the workspace is in none. */
export async function saveEnterprise(db: Queryable, teamId: string, enterpriseId: string): Promise<void> {
  await db
    .insertInto('workspaces')
    .values({ team_id: teamId, enterprise_id: enterpriseId })
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet({ enterprise_id: enterpriseId }))
    .execute();
}

/** The enterprise's installation no longer reaches these. Those of another enterprise stay as they are. */
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

/** The workspaces that Slack has said are in the enterprise. */
export async function listTeamsOfEnterprise(db: Queryable, enterpriseId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('workspaces')
    .select('team_id')
    .where('enterprise_id', '=', enterpriseId)
    .orderBy('team_id')
    .execute();
  return rows.map((row) => row.team_id);
}

/** Stores that an installation ended: a later event about it may not name it. */
export async function recordInstallationEnd(db: Queryable, key: string, time: number): Promise<void> {
  await db
    .insertInto('workspaces')
    .values({ team_id: key, enterprise_id: '', ended_mark: time })
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet({ ended_mark: time }))
    .execute();
}

/** When (seconds, Slack's clock) these installations ended, by key. */
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
