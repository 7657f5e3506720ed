import { type Database, openDatabase } from '../../services/database/database';
import type { LogEvent, LogSource } from '../../services/grants/log/entry';
import { insertLogEntries, type NewLogEntry } from '../../services/grants/log/store';
import { systemClock } from '../../services/runtime/clock';
import type { TriggerSource } from '../../services/slack/trigger';
import { createRandom } from '../numbers';

const ENTRIES_A_TRANSACTION = 2_000;
const ENTRY_EVERY_MS = 3_000;
const LOG_ENDS_AT = Date.parse('2026-10-01T00:00:00Z');
const USERS = 2_000;

export const TEAM = 'T0MAIN';
const OTHER_TEAM = 'T0OTHER';

type Shares<T> = readonly (readonly [T, number])[];

/** Each choice with its share. What is rare is so rare that a page of it still fills in the short log. */
const EVENTS: Shares<LogEvent> = [
  ['requested', 0.45],
  ['granted', 0.36],
  ['denied', 0.09],
  ['unanswered', 0.08],
  ['failed', 0.02],
];
const TRIGGERS: Shares<TriggerSource> = [
  ['slash_command', 0.6],
  ['view_submission', 0.38],
  ['shortcut', 0.02],
];
const SOURCES: Shares<LogSource> = [
  ['slack_event', 0.98],
  ['oauth', 0.02],
];
const SCOPES: Shares<string> = [
  ['reminders:write:user', 0.6],
  ['dnd:write:user', 0.38],
  ['search:read:user', 0.02],
];
const WORDS: Shares<string> = [
  ['please', 0.5],
  ['meeting', 0.3],
  ['release', 0.18],
  ['migraine', 0.02],
];

export function toTime(place: number, entries: number): string {
  return new Date(LOG_ENDS_AT - (entries - place) * ENTRY_EVERY_MS).toISOString();
}

export function toRequestId(place: number): string {
  return `R${Math.floor(place / 2)
    .toString(36)
    .padStart(8, '0')}`;
}

/** A log of so many entries, written as the app itself writes them: chained, and with their words. */
export async function fillDatabase(path: string, entries: number): Promise<Database> {
  const database = await openDatabase({ config: { kind: 'sqlite', path }, clock: systemClock });
  const random = createRandom(entries);
  for (let from = 0; from < entries; from += ENTRIES_A_TRANSACTION) {
    const count = Math.min(ENTRIES_A_TRANSACTION, entries - from);
    const batch = Array.from({ length: count }, (_, index) => toEntry(from + index, entries, random));
    await database.transact((tx) => insertLogEntries(tx, batch));
  }
  return database;
}

function toEntry(place: number, entries: number, random: () => number): NewLogEntry {
  const event = pick(EVENTS, random());
  const isOurs = event === 'requested' || event === 'unanswered' || event === 'failed';
  return {
    at: toTime(place, entries),
    teamId: random() < 0.8 ? TEAM : OTHER_TEAM,
    userId: `U${Math.floor(USERS * random() ** 3)}`,
    event,
    scopes: [pick(SCOPES, random())],
    source: isOurs ? 'app' : pick(SOURCES, random()),
    requestId: toRequestId(place),
    triggerSource: pick(TRIGGERS, random()),
    eventId: isOurs ? null : `Ev${place}`,
    error: event === 'failed' ? (random() < 0.5 ? 'timeout' : 'expired_trigger_id') : null,
    reason:
      random() < 0.5
        ? `${pick(WORDS, random())} ${pick(WORDS, random())} ticket${Math.floor(random() * 500)}`
        : null,
  };
}

/** One of them, as often as its share says. */
function pick<T>(choices: Shares<T>, point: number): T {
  let left = point;
  for (const [value, share] of choices) {
    left -= share;
    if (left < 0) return value;
  }
  const [first] = choices;
  if (first === undefined) throw new Error('nothing to pick from');
  return first[0];
}
