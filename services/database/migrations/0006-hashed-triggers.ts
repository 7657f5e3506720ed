import { createHash } from 'node:crypto';
import { type Kysely, type Migration, sql } from 'kysely';

const BATCH = 1_000;

/**
 * No `trigger_id` in clear:
 *
 * - `request_triggers.trigger_hash` is its SHA-256; the index by request is for requests that are deleted by age
 * - `received_events.meaning` is the SHA-256 of what it was: of an answer, the trigger stood in it
 */
export const hashedTriggers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('hashed_triggers')
      .addColumn('trigger_hash', 'text', (column) => column.primaryKey())
      .addColumn('request_id', 'text', (column) => column.notNull().references('permission_requests.id'))
      .execute();
    await hashTriggers(db);
    await db.schema.dropTable('request_triggers').execute();
    await db.schema.alterTable('hashed_triggers').renameTo('request_triggers').execute();
    await db.schema
      .createIndex('request_triggers_request')
      .on('request_triggers')
      .column('request_id')
      .execute();
    await hashMeanings(db);
  },
};

function toHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function hashTriggers(db: Kysely<unknown>): Promise<void> {
  let after = '';
  for (;;) {
    const { rows } = await sql<{ trigger_id: string; request_id: string }>`
      select trigger_id, request_id from request_triggers where trigger_id > ${after}
      order by trigger_id limit ${sql.lit(BATCH)}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.trigger_id;
    const hashed = rows.map((row) => sql`(${toHash(row.trigger_id)}, ${row.request_id})`);
    await sql`insert into hashed_triggers (trigger_hash, request_id) values ${sql.join(hashed)}`.execute(db);
  }
}

async function hashMeanings(db: Kysely<unknown>): Promise<void> {
  let after = '';
  for (;;) {
    const { rows } = await sql<{ event_id: string; meaning: string }>`
      select event_id, meaning from received_events where event_id > ${after} and meaning is not null
      order by event_id limit ${sql.lit(BATCH)}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.event_id;
    const hashed = rows.map((row) => sql`(${row.event_id}, ${toHash(row.meaning)})`);
    await sql`
      with hashed (event_id, meaning) as (values ${sql.join(hashed)})
      update received_events set meaning = hashed.meaning
      from hashed where received_events.event_id = hashed.event_id`.execute(db);
  }
}
