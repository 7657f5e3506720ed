import { createHash } from 'node:crypto';
import { type Kysely, type Migration, sql } from 'kysely';
import { jsonRows } from '../json-rows';
import type { Queryable } from '../schema';

/**
 * What watching the log needs:
 *
 * - `grant_log.hash` chains the entries of each team; `chains` has the newest of each, `chain_stubs` what deleted days left
 * - `log_words` finds entries by the words in their reason and error
 * - `sinks`: how far the log has been told elsewhere
 * - `admin_links` and `admin_sessions`: who may read it in a browser
 * - `homes`: who has opened the app's home in Slack, and whether it shows the newest
 */
export const watching: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('grant_log').addColumn('team_seq', 'bigint').execute();
    await db.schema.alterTable('grant_log').addColumn('hash', 'text').execute();

    await db.schema
      .createTable('chains')
      .addColumn('team_id', 'text', (column) => column.primaryKey())
      .addColumn('team_seq', 'bigint', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('verified_at', 'text')
      .addColumn('verified_seq', 'bigint')
      .addColumn('verified_fault', 'text')
      .execute();
    await db.schema
      .createTable('chain_stubs')
      .addColumn('team_id', 'text', (column) => column.primaryKey())
      .addColumn('team_seq', 'bigint', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('until', 'text', (column) => column.notNull())
      .addColumn('made_at', 'text', (column) => column.notNull())
      .addColumn('signature', 'text', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('log_words')
      .addColumn('word', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('log_words_pk', ['word', 'seq'])
      .execute();

    await db.schema
      .createTable('sinks')
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('due_at_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('owner', 'text')
      .addPrimaryKeyConstraint('sinks_pk', ['name', 'team_id'])
      .execute();

    await db.schema
      .createTable('admin_links')
      .addColumn('token_hash', 'text', (column) => column.primaryKey())
      .addColumn('enterprise_id', 'text')
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'text')
      .execute();
    await db.schema
      .createTable('admin_sessions')
      .addColumn('id_hash', 'text', (column) => column.primaryKey())
      .addColumn('enterprise_id', 'text')
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('begun_at', 'text', (column) => column.notNull())
      .addColumn('seen_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('checked_at_ms', 'bigint', (column) => column.notNull())
      .execute();

    await db.schema
      .createTable('homes')
      .addColumn('team_id', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('enterprise_id', 'text')
      .addColumn('opened_at', 'text', (column) => column.notNull())
      .addColumn('is_admin', 'integer')
      .addColumn('published_seq', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('published_at_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('stale_seq', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('due_at_ms', 'bigint')
      .addColumn('free_at_ms', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
      .addPrimaryKeyConstraint('homes_pk', ['team_id', 'user_id'])
      .execute();
    await db.schema.createIndex('homes_due').on('homes').column('due_at_ms').execute();

    for (const column of ['request_id', 'source', 'trigger_source']) {
      await db.schema.createIndex(`grant_log_${column}`).on('grant_log').columns([column, 'seq']).execute();
    }
    await chainWhatIsThere(db as Queryable);
  },
};

const BATCH = 1_000;

/** From now on the entries that are there are as good as new ones. */
async function chainWhatIsThere(db: Queryable): Promise<void> {
  const heads = new Map<string, { team_seq: number; seq: number; hash: string }>();
  let after = 0;
  for (;;) {
    const { rows } = await sql<ChainedContent & { seq: number }>`
      select * from grant_log where seq > ${after} order by seq limit ${sql.lit(BATCH)}`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.seq;
    const chained = rows.map((row) => {
      const head = heads.get(row.team_id) ?? { team_seq: 0, hash: CHAIN_START };
      const team_seq = head.team_seq + 1;
      const hash = toEntryHash(head.hash, team_seq, row);
      heads.set(row.team_id, { team_seq, seq: row.seq, hash });
      return { seq: row.seq, team_seq, hash };
    });
    const columns = { seq: 'bigint', team_seq: 'bigint', hash: 'text' } as const;
    await sql`update grant_log set team_seq = r.team_seq, hash = r.hash
      from ${jsonRows(db, columns, chained)} as r where grant_log.seq = r.seq`.execute(db);
    const words = rows.flatMap(({ seq, reason, error }) =>
      toWords(reason, error).map((word) => ({ word, seq })),
    );
    await sql`insert into log_words (word, seq)
      select word, seq from ${jsonRows(db, { word: 'text', seq: 'bigint' }, words)} as r`.execute(db);
  }
  for (const [team_id, head] of heads) {
    await sql`insert into chains (team_id, team_seq, seq, hash)
      values (${team_id}, ${head.team_seq}, ${head.seq}, ${head.hash})`.execute(db);
  }
}

// A copy of what the log did when this was released: a migration never changes.

/** Before the first entry of a team there is this. */
const CHAIN_START = '';

/** What the hash of an entry covers, as it stands in the database. */
interface ChainedContent {
  at: string;
  team_id: string;
  user_id: string | null;
  event: string;
  scopes: string;
  source: string;
  request_id: string | null;
  trigger_source: string | null;
  event_id: string | null;
  error: string | null;
  reason: string | null;
}

/**
 * SHA-256, in hex, over an entry, its place among the entries of its team, and the hash of the one before it. Whoever
 * changes, removes, adds or swaps entries breaks the chain from there on. Never to be changed: it is recomputed by `verify`.
 */
function toEntryHash(previous: string, teamSeq: number, content: ChainedContent): string {
  const { at, team_id, user_id, event, scopes, source, request_id, trigger_source, event_id, error, reason } =
    content;
  const covered = [
    previous,
    teamSeq,
    at,
    team_id,
    user_id,
    event,
    scopes,
    source,
    request_id,
    trigger_source,
    event_id,
    error,
    reason,
  ];
  return createHash('sha256').update(JSON.stringify(covered)).digest('hex');
}

/** Words of a text, by which entries are found: letters and digits, lower case. */
function toWords(...texts: (string | null)[]): string[] {
  const words = texts.flatMap((text) => text?.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  return [...new Set(words.map((word) => word.slice(0, WORD_LIMIT)))];
}

const WORD_LIMIT = 40;
