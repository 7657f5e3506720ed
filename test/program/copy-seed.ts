import { sql } from 'kysely';
import { listTables } from '../../services/database/copy/tables';
import type { Database } from '../../services/database/database';

export const LOG_ENTRIES = 2_500;
/** One seq is missing, as after a transaction that was undone. */
export const LAST_SEQ = LOG_ENTRIES + 1;
export const LAST_NOTICE_ID = 42;

const CHUNK = 500;

/** What people write, and what breaks careless programs. */
const REASONS = [
  null,
  '',
  'I plan my week with it',
  `Zoë says "it's" 100% \\ fine; drop table grants; -- $1 ? {} []`,
  '=HYPERLINK("http://x") \u0001\u0008\u001b[31mred\t\r\n\u007f\u0085',
  'ünï\u0308cødé \u2028\u2029 \u202eright to left \u{1f98a}\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \ufeff\uffff',
  '\\u0000 \\n {"a":null}',
  'long '.repeat(600),
];

/** Rows of every sort in every table, the same at every call. */
export async function seed(database: Database): Promise<void> {
  const { query } = database;
  const at = (index: number) => new Date(1_700_000_000_000 + index * 1_000).toISOString();
  const user = (index: number) => `U0${(index % 700).toString(36).toUpperCase()}`;
  const scope = (index: number) =>
    ['reminders:write:user', 'dnd:write:user', 'usérs "read"'][index % 3] ?? '';
  const reason = (index: number) => REASONS[index % REASONS.length] ?? null;

  await inChunks(1_200, (indexes) =>
    query
      .insertInto('permission_requests')
      .values(
        indexes.map((index) => ({
          id: `req_${index.toString(16)}`,
          team_id: 'T0SANDBOX',
          user_id: user(index),
          scopes: JSON.stringify([scope(index), scope(index + 1)]),
          reason: reason(index),
          trigger_source: 'slash_command',
          state: (['waiting', 'requested', 'granted', 'partly_granted', 'denied', 'failed'] as const)[
            index % 6
          ]!,
          created_at: at(index),
          expires_at: index % 2 === 0 ? null : at(index + 600),
        })),
      )
      .execute(),
  );
  await inChunks(1_100, (indexes) =>
    query
      .insertInto('request_triggers')
      .values(
        indexes.map((index) => ({ trigger_hash: `${index}.2.abc`, request_id: `req_${index.toString(16)}` })),
      )
      .execute(),
  );
  await inChunks(1_300, (indexes) =>
    query
      .insertInto('grants')
      .values(
        indexes.map((index) => ({
          team_id: `T${index % 2}`,
          // The app itself, everybody, and people; what stands and what no longer does.
          user_id: index === 0 ? '' : index === 1 ? '*' : `U${index}`,
          scope: index % 5 === 1 ? '*' : scope(index),
          granted_at: at(index),
          source: index % 2 === 0 ? 'slack_event' : 'users_list',
          held: index % 5 === 1 ? 0 : 1,
          mark: 1_700_000_000 + index,
          sweep_id: index % 3,
        })),
      )
      .execute(),
  );
  await inChunks(LOG_ENTRIES, (indexes) =>
    query
      .insertInto('grant_log')
      .values(
        indexes.map((index) => ({
          seq: index < 6 ? index + 1 : index + 2,
          at: at(index),
          team_id: 'T0SANDBOX',
          user_id: index % 9 === 0 ? null : user(index),
          event: ['requested', 'granted', 'denied', 'failed', 'removed'][index % 5]!,
          scopes: JSON.stringify([scope(index), '\u0001"é']),
          source: 'slack_event',
          request_id: index % 2 === 0 ? null : `req_${index.toString(16)}`,
          trigger_source: index % 2 === 0 ? null : 'shortcut',
          event_id: `Ev${index}`,
          error: index % 7 === 0 ? 'superseded' : null,
          reason: reason(index),
        })),
      )
      .execute(),
  );
  await inChunks(LOG_ENTRIES, (indexes) =>
    query
      .insertInto('log_scopes')
      .values(indexes.map((index) => ({ scope: scope(index), seq: index + 1 })))
      .execute(),
  );
  await inChunks(1_201, (indexes) =>
    query
      .insertInto('received_events')
      .values(
        indexes.map((index) => ({
          // In another order than they came.
          event_id: `Ev${(index * 7_919) % 100_003}`,
          received_at: at(index),
          meaning: index % 4 === 0 ? null : `granted "${index}" \u{1f98a}`,
        })),
      )
      .execute(),
  );
  await query
    .insertInto('sweeps')
    .values(
      (['walking', 'ending', 'done', 'failed'] as const).map((state, index) => ({
        team_id: `T${index}`,
        sweep_id: index + 1,
        state,
        cursor: state === 'walking' ? 'dXNlcjpVMDYxTkZUVDI=' : null,
        slack_started_at: index === 0 ? null : 1_700_000_000,
        started_at: at(0),
        finished_at: state === 'done' ? at(9) : null,
        pages: 12,
        users: 2_345,
        changes: 3,
        last_users: index === 1 ? null : 2_400,
        error: state === 'failed' ? 'http_500' : null,
        owner: index === 2 ? null : 'ab12',
        lease_until_ms: 1_700_000_060_000,
      })),
    )
    .execute();
  await query
    .insertInto('notices')
    .values(
      [3, LAST_NOTICE_ID].map((id) => ({
        id,
        team_id: 'T0SANDBOX',
        user_id: 'U0BEN',
        event: 'granted',
        scopes: '["dnd:write:user"]',
        attempts: id % 2,
        due_at_ms: 9_007_199_254_740_991,
      })),
    )
    .execute();
  await fillTheRest(database);
}

/** Some rows in every other table: a value of its own in each column. */
async function fillTheRest(database: Database): Promise<void> {
  const { query } = database;
  for (const { name, columns } of await listTables(database, database)) {
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(query);
    if (rows.length > 0) continue;
    for (let number = 1; number <= 3; number += 1) {
      const values = Object.entries(columns).map(([column, type]) =>
        type === 'text' ? `${column} ${number} \u{1f98a}` : number,
      );
      const names = Object.keys(columns).map((column) => sql.ref(column));
      await sql`insert into ${sql.table(name)} (${sql.join(names)}) values (${sql.join(values)})`.execute(
        query,
      );
    }
  }
}

async function inChunks(
  count: number,
  insert: (indexes: readonly number[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < count; start += CHUNK) {
    const length = Math.min(CHUNK, count - start);
    await insert(Array.from({ length }, (_, index) => start + index));
  }
}
