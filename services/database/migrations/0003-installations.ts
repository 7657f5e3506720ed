import type { Kysely, Migration } from 'kysely';

/**
 * What installing by OAuth and the `oauth` backend keep:
 *
 * - `bot_installations` and `user_tokens` apart, so that a user's consent never touches the token of the app
 * - `oauth_states`: what a browser brings back from Slack, by its hash
 * - which organisation a request or a notice belongs to: an app installed there has no token for each workspace
 */
export const installations: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('bot_installations')
      .addColumn('enterprise_id', 'text', (column) => column.notNull())
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('app_id', 'text')
      .addColumn('bot_id', 'text')
      .addColumn('bot_user_id', 'text')
      .addColumn('scopes', 'text', (column) => column.notNull())
      .addColumn('installed_by', 'text', (column) => column.notNull())
      .addColumn('installed_at', 'text', (column) => column.notNull())
      .addColumn('mark', 'bigint', (column) => column.notNull())
      .addColumn('token', 'text', (column) => column.notNull())
      .addColumn('refresh_token', 'text')
      .addColumn('expires_at_ms', 'bigint')
      .addColumn('refresh_until_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('bot_installations_pk', ['enterprise_id', 'team_id'])
      .execute();
    await db.schema.createIndex('bot_installations_team').on('bot_installations').column('team_id').execute();

    await db.schema
      .createTable('user_tokens')
      .addColumn('enterprise_id', 'text', (column) => column.notNull())
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('mark', 'bigint', (column) => column.notNull())
      .addColumn('token', 'text', (column) => column.notNull())
      .addColumn('refresh_token', 'text')
      .addColumn('expires_at_ms', 'bigint')
      .addColumn('refresh_until_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('user_tokens_pk', ['enterprise_id', 'team_id', 'user_id'])
      .execute();
    await db.schema
      .createIndex('user_tokens_team')
      .on('user_tokens')
      .columns(['team_id', 'user_id'])
      .execute();

    await db.schema
      .createTable('oauth_states')
      .addColumn('state_hash', 'text', (column) => column.primaryKey())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('request_id', 'text')
      .addColumn('enterprise_id', 'text')
      .addColumn('team_id', 'text')
      .addColumn('user_id', 'text')
      .addColumn('view_id', 'text')
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'text')
      .execute();
    await db.schema.createIndex('oauth_states_request').on('oauth_states').column('request_id').execute();
    await db.schema.createIndex('oauth_states_expiry').on('oauth_states').column('expires_at_ms').execute();

    await db.schema.alterTable('permission_requests').addColumn('enterprise_id', 'text').execute();
    await db.schema.alterTable('notices').addColumn('enterprise_id', 'text').execute();
  },
};
