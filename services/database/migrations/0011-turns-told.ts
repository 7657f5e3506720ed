import { type Kysely, type Migration, sql } from 'kysely';

/** `told_at_ms` says when somebody who was called was told so: until then they are told again. */
export const turnsTold: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('turns').addColumn('told_at_ms', 'bigint').execute();
    await sql`update turns set told_at_ms = called_at_ms`.execute(db);
  },
};
