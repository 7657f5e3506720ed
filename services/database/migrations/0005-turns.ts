import { type Kysely, type Migration, PostgresAdapter } from 'kysely';

/**
 * What a rush needs:
 *
 * - `rushes`: the workspaces whose rate limit was met, and how many calls they still take
 * - `turns`: who waits there, in the order in which they came
 */
export const turns: Migration = {
  async up(db: Kysely<unknown>) {
    const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
    await db.schema
      .createTable('rushes')
      .addColumn('team_id', 'text', (column) => column.primaryKey())
      .addColumn('paused_until_ms', 'bigint', (column) => column.notNull())
      .addColumn('limited_until_ms', 'bigint', (column) => column.notNull())
      .addColumn('milliturns', 'bigint', (column) => column.notNull())
      .addColumn('counted_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('turns')
      .addColumn('seq', isPostgres ? 'bigint' : 'integer', (column) =>
        isPostgres ? column.generatedByDefaultAsIdentity().primaryKey() : column.primaryKey().autoIncrement(),
      )
      .addColumn('request_id', 'text', (column) => column.notNull().unique())
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('place_ms', 'bigint', (column) => column.notNull())
      .addColumn('called_at_ms', 'bigint')
      .execute();
    await db.schema.createIndex('turns_team').on('turns').columns(['team_id', 'place_ms', 'seq']).execute();
  },
};
