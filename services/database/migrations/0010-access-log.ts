import { type Kysely, type Migration, PostgresAdapter } from 'kysely';

/** `access_log`: who had a link, signed in or out, was refused, exported, or began a sync; it stands beside the grant log, and is not chained. */
export const accessLog: Migration = {
  async up(db: Kysely<unknown>) {
    const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
    await db.schema
      .createTable('access_log')
      .addColumn('seq', isPostgres ? 'bigint' : 'integer', (column) =>
        isPostgres ? column.generatedByDefaultAsIdentity().primaryKey() : column.primaryKey().autoIncrement(),
      )
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('detail', 'text')
      .execute();
    await db.schema.createIndex('access_log_team').on('access_log').columns(['team_id', 'seq']).execute();
    await db.schema.createIndex('access_log_at').on('access_log').column('at').execute();
    await db.schema
      .createIndex('admin_sessions_user')
      .on('admin_sessions')
      .columns(['team_id', 'user_id'])
      .execute();
  },
};
