import { type Kysely, type Migration, sql } from 'kysely';

interface Seen {
  team_id: string;
  enterprise_id: string;
  mark: number | string;
}

/**
 * One workspace has one installation, and one user of it one token, whatever payload named the organisation:
 *
 * - of two rows of a user, or of a workspace, the newer one is kept; the database holds no second one from now on
 * - `workspaces`: which organisation each is in, as Slack said last
 */
export const workspaces: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`delete from user_tokens where exists (
      select 1 from user_tokens as newer where newer.team_id = user_tokens.team_id and newer.user_id = user_tokens.user_id
        and (newer.mark > user_tokens.mark
          or (newer.mark = user_tokens.mark and newer.enterprise_id > user_tokens.enterprise_id)))`.execute(
      db,
    );
    await db.schema.dropIndex('user_tokens_team').execute();
    await db.schema
      .createIndex('user_tokens_user')
      .unique()
      .on('user_tokens')
      .columns(['team_id', 'user_id'])
      .execute();

    await sql`delete from bot_installations where team_id <> '' and exists (
      select 1 from bot_installations as newer where newer.team_id = bot_installations.team_id
        and (newer.mark > bot_installations.mark
          or (newer.mark = bot_installations.mark and newer.enterprise_id > bot_installations.enterprise_id)))`.execute(
      db,
    );
    await db.schema.dropIndex('bot_installations_team').execute();
    await sql`create unique index bot_installations_workspace on bot_installations (team_id) where team_id <> ''`.execute(
      db,
    );

    await db.schema
      .createTable('workspaces')
      .addColumn('team_id', 'text', (column) => column.primaryKey())
      .addColumn('enterprise_id', 'text', (column) => column.notNull())
      .addColumn('ended_mark', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema.createIndex('workspaces_enterprise').on('workspaces').column('enterprise_id').execute();

    // An installation says also that a workspace is in none; the others say nothing where they name none.
    const told = await sql<Seen>`
      select team_id, enterprise_id, mark from bot_installations where team_id <> ''
      union all select team_id, enterprise_id, max(mark) from user_tokens where enterprise_id <> ''
        group by team_id, enterprise_id`.execute(db);
    const asked = await sql<Seen>`
      select team_id, enterprise_id, 0 as mark from permission_requests where enterprise_id is not null
      group by team_id, enterprise_id order by max(created_at) desc`.execute(db);
    const newest = new Map<string, Seen>();
    for (const seen of [...told.rows, ...asked.rows]) {
      const known = newest.get(seen.team_id);
      if (known === undefined || Number(seen.mark) > Number(known.mark)) newest.set(seen.team_id, seen);
    }
    for (const { team_id, enterprise_id } of newest.values()) {
      await sql`insert into workspaces (team_id, enterprise_id) values (${team_id}, ${enterprise_id})`.execute(
        db,
      );
    }
  },
};
