import type { Kysely, Migration } from 'kysely';

/**
 * What a sweep needs that takes no unclear word for a final one:
 *
 * - `user_tokens.doubted_at_ms`: since when Slack's word on a token casts doubt on it
 * - `sweeps.skipped` and `skipped_users`: of how many users it learnt nothing, and of whom, in the first place
 */
export const doubts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('user_tokens').addColumn('doubted_at_ms', 'bigint').execute();
    await db.schema
      .alterTable('sweeps')
      .addColumn('skipped', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('sweeps').addColumn('skipped_users', 'text').execute();
  },
};
