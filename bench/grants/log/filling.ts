import { openDatabase } from '../../../services/database/database';
import { openConnection } from '../../../services/database/sqlite-connection';
import type { LogEvent } from '../../../services/grants/log/entry';
import { systemClock } from '../../../services/runtime/clock';
import { createRandom } from '../../numbers';

const ENTRIES_A_TRANSACTION = 100_000;
const ENTRY_EVERY_MS = 3_000;
const LOG_ENDS_AT = Date.parse('2026-10-01T00:00:00Z');
const USERS = 50_000;

const TEAMS = ['T0MAIN', 'T0SECOND', 'T0THIRD'];

export const COMMON_EVENT: LogEvent = 'granted';
export const RARE_EVENT: LogEvent = 'failed';
const EVENTS: readonly (readonly [LogEvent, number])[] = [
  ['requested', 0.45],
  [COMMON_EVENT, 0.35],
  ['denied', 0.09],
  ['unanswered', 0.08],
  ['removed', 0.029],
  [RARE_EVENT, 0.001],
];

export const COMMON_SCOPE = 'reminders:write:user';
export const RARE_SCOPE = 'search:read:user';
const SCOPES: readonly (readonly [string, number])[] = [
  [COMMON_SCOPE, 0.4],
  ['reminders:read:user', 0.2],
  ['dnd:write:user', 0.15],
  ['dnd:read:user', 0.1],
  ['users.profile:write:user', 0.1],
  ['users.profile:read:user', 0.049],
  [RARE_SCOPE, 0.001],
];

/** When the entry at this place was written, in a log of so many. */
export function toEntryTime(place: number, entries: number): string {
  return new Date(LOG_ENDS_AT - (entries - place) * ENTRY_EVERY_MS).toISOString();
}

/** Few users do much: the busiest some hundred in 100,000 entries, most of them one or two. */
export function toUserId(number: number): string {
  return `U0${number.toString(36).toUpperCase().padStart(6, '0')}`;
}

/** Makes a database with the product's own tables and indexes, and a log of so many entries in it. */
export async function fillLog(path: string, entries: number): Promise<void> {
  const empty = await openDatabase({ config: { kind: 'sqlite', path }, clock: systemClock });
  await empty.close();

  const db = openConnection(path);
  // Nothing to lose: it is built, or built again.
  db.exec('pragma synchronous = OFF');
  db.exec('pragma cache_size = -200000');
  // An index is built faster afterwards.
  const indexes: { name: string; sql: string }[] = db
    .prepare(
      `select name, sql from sqlite_master where type = 'index' and tbl_name = 'grant_log' and sql is not null`,
    )
    .all();
  for (const { name } of indexes) db.exec(`drop index "${name}"`);

  const insertEntry = db.prepare(
    `insert into grant_log (seq, at, team_id, user_id, event, scopes, source, request_id, trigger_source, event_id, error)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertScope = db.prepare('insert into log_scopes (scope, seq) values (?, ?)');
  const random = createRandom(entries);
  function insertSome(from: number, to: number): void {
    db.exec('begin');
    for (let seq = from; seq <= to; seq += 1) {
      const event = pick(EVENTS, random());
      const scopes = pickScopes(random);
      const isSlacks = event !== 'requested' && event !== 'unanswered' && event !== 'failed';
      insertEntry.run(
        seq,
        toEntryTime(seq - 1, entries),
        pick(
          TEAMS.map((team, index) => [team, [0.7, 0.2, 0.1][index] ?? 0] as const),
          random(),
        ),
        toUserId(Math.floor(USERS * random() ** 2)),
        event,
        JSON.stringify(scopes),
        isSlacks ? 'slack_event' : 'app',
        `R${Math.floor(seq / 2)
          .toString(36)
          .padStart(10, '0')}`,
        'slash_command',
        isSlacks ? `Ev0${seq.toString(36).toUpperCase().padStart(8, '0')}` : null,
        event === RARE_EVENT ? 'timeout' : null,
      );
      for (const scope of scopes) insertScope.run(scope, seq);
    }
    db.exec('commit');
  }
  for (let from = 1; from <= entries; from += ENTRIES_A_TRANSACTION) {
    insertSome(from, Math.min(from + ENTRIES_A_TRANSACTION - 1, entries));
  }
  for (const { sql } of indexes) db.exec(sql);
  db.exec('pragma wal_checkpoint(TRUNCATE)');
  db.close();
}

function pickScopes(random: () => number): string[] {
  const scopes = new Set([pick(SCOPES, random())]);
  if (random() < 0.3) scopes.add(pick(SCOPES, random()));
  return [...scopes];
}

/** One of them, as often as its share says. */
function pick<T>(shares: readonly (readonly [T, number])[], point: number): T {
  let left = point;
  for (const [value, share] of shares) {
    left -= share;
    if (left < 0) return value;
  }
  const [first] = shares;
  if (first === undefined) throw new Error('nothing to pick from');
  return first[0];
}
