import type { Kysely, Migration } from 'kysely';

/**
 * What proves that the log was not made anew by somebody who has the database alone:
 *
 * - `chains.signature` signs the entry of `signed_team_seq`, which is the newest one unless something is wrong
 * - `chain_list` has one row: the teams that have a chain, since when chains are signed, and its own signature
 *
 * The app signs what is there when it starts for the first time: a migration has no key.
 */
export const signedChains: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('chains').addColumn('signed_team_seq', 'bigint').execute();
    await db.schema.alterTable('chains').addColumn('signature', 'text').execute();
    await db.schema
      .createTable('chain_list')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('teams', 'text', (column) => column.notNull())
      .addColumn('since', 'text', (column) => column.notNull())
      .addColumn('signature', 'text', (column) => column.notNull())
      .execute();
  },
};
