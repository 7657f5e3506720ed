import type { Queryable } from '../database/schema';
import type { Workspace } from '../workspace';

/** Every workspace that is known of: installed in, or with users who have consented. */
export async function listWorkspaces(db: Queryable): Promise<Workspace[]> {
  const rows = await db
    .selectFrom('bot_installations')
    .select(['enterprise_id', 'team_id'])
    .where('team_id', '!=', '')
    .union(db.selectFrom('user_tokens').select(['enterprise_id', 'team_id']))
    .execute();
  return rows.map((row) => ({ teamId: row.team_id, enterpriseId: row.enterprise_id || undefined }));
}

/** The organisation of a workspace, by whatever stands first of what is known of the workspace. */
export async function findEnterpriseId(db: Queryable, teamId: string): Promise<string | undefined> {
  const tables = ['user_tokens', 'permission_requests'] as const;
  for (const table of tables) {
    const row = await db
      .selectFrom(table)
      .select('enterprise_id')
      .where('team_id', '=', teamId)
      .limit(1)
      .executeTakeFirst();
    if (row?.enterprise_id) return row.enterprise_id;
  }
  return undefined;
}

/** The workspaces of an organisation in which users have consented. */
export async function listTeamsOfEnterprise(db: Queryable, enterpriseId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('user_tokens')
    .select('team_id')
    .distinct()
    .where('enterprise_id', '=', enterpriseId)
    .execute();
  return rows.map((row) => row.team_id);
}
