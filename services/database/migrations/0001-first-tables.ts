import { type ColumnDefinitionBuilder, type Kysely, type Migration, PostgresAdapter } from 'kysely';

export const firstTables: Migration = {
  async up(db: Kysely<unknown>) {
    const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
    // A number that grows with every row: SQLite knows it as an integer of any size, PostgreSQL as an identity.
    const numberType = isPostgres ? 'bigint' : 'integer';
    const asNumber = (column: ColumnDefinitionBuilder) =>
      isPostgres ? column.generatedByDefaultAsIdentity().primaryKey() : column.primaryKey().autoIncrement();

    await db.schema
      .createTable('permission_requests')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('trigger_source', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('created_at', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'text')
      .execute();
    await db.schema
      .createIndex('permission_requests_user')
      .on('permission_requests')
      .columns(['team_id', 'user_id', 'created_at'])
      .execute();
    await db.schema
      .createIndex('permission_requests_expiry')
      .on('permission_requests')
      .column('expires_at')
      .execute();

    await db.schema
      .createTable('request_triggers')
      .addColumn('trigger_id', 'text', (column) => column.primaryKey())
      .addColumn('request_id', 'text', (column) => column.notNull().references('permission_requests.id'))
      .execute();

    await db.schema
      .createTable('grants')
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('granted_at', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('grants_pk', ['team_id', 'user_id', 'scope'])
      .execute();

    await db.schema
      .createTable('grant_log')
      .addColumn('seq', numberType, asNumber)
      .addColumn('at', 'text', (column) => column.notNull())
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text')
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text')
      .addColumn('trigger_source', 'text')
      .addColumn('event_id', 'text')
      .addColumn('error', 'text')
      .addColumn('reason', 'text')
      .execute();
    await db.schema.createIndex('grant_log_team').on('grant_log').columns(['team_id', 'seq']).execute();
    await db.schema.createIndex('grant_log_user').on('grant_log').columns(['user_id', 'seq']).execute();

    await db.schema
      .createTable('received_events')
      .addColumn('event_id', 'text', (column) => column.primaryKey())
      .addColumn('received_at', 'text', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('notices')
      .addColumn('id', numberType, asNumber)
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('notices_due').on('notices').column('due_at_ms').execute();
  },
};
