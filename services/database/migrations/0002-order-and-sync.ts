import { type Kysely, type Migration, PostgresAdapter, sql } from 'kysely';

/**
 * What order-safe events, the sync and fast pages of a long log need:
 *
 * - `grants` also keeps what no longer stands, and since when Slack's word on it counts (`mark`)
 * - `received_events.meaning` finds the same event under another id
 * - `sweeps` holds how far the sync of a team is
 * - `log_scopes` finds the entries of a scope without reading the log
 */
export const orderAndSync: Migration = {
  async up(db: Kysely<unknown>) {
    const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;

    await db.schema
      .alterTable('grants')
      .addColumn('held', 'integer', (column) => column.notNull().defaultTo(1))
      .execute();
    await db.schema
      .alterTable('grants')
      .addColumn('mark', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema
      .alterTable('grants')
      .addColumn('sweep_id', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();

    await db.schema.alterTable('received_events').addColumn('meaning', 'text').execute();
    await db.schema
      .createIndex('received_events_meaning')
      .unique()
      .on('received_events')
      .column('meaning')
      .execute();

    await db.schema
      .createTable('sweeps')
      .addColumn('team_id', 'text', (column) => column.primaryKey())
      .addColumn('sweep_id', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('cursor', 'text')
      .addColumn('slack_started_at', 'bigint')
      .addColumn('started_at', 'text', (column) => column.notNull())
      .addColumn('finished_at', 'text')
      .addColumn('pages', 'integer', (column) => column.notNull())
      .addColumn('users', 'integer', (column) => column.notNull())
      .addColumn('changes', 'integer', (column) => column.notNull())
      .addColumn('last_users', 'integer')
      .addColumn('error', 'text')
      .addColumn('owner', 'text')
      .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('log_scopes')
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('log_scopes_pk', ['scope', 'seq'])
      .execute();
    const eachScope = isPostgres
      ? sql`jsonb_array_elements_text(grant_log.scopes::jsonb) as each_scope(value)`
      : sql`json_each(grant_log.scopes) as each_scope`;
    await sql`insert into log_scopes (scope, seq)
      select distinct each_scope.value, grant_log.seq from grant_log, ${eachScope}`.execute(db);

    await db.schema.createIndex('grant_log_event').on('grant_log').columns(['event', 'seq']).execute();
    await db.schema.createIndex('grant_log_at').on('grant_log').columns(['at', 'seq']).execute();
  },
};
