import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../services/database/database';
import type { LogFilter } from '../../services/grants/log/entry';
import { listLogEntries } from '../../services/grants/log/store';
import { systemClock } from '../../services/runtime/clock';
import { inFolder } from '../folder';
import { createRandom, median, round } from '../numbers';
import { printTable, say } from '../table';
import {
  COMMON_EVENT,
  COMMON_SCOPE,
  fillLog,
  RARE_EVENT,
  RARE_SCOPE,
  toEntryTime,
  toUserId,
} from './log/filling';

const SMALL = 100_000;
const LARGE = 10_000_000;
const PAGE = 50;
const QUERIES = 200;
const WARM_UP = 5;
/** One that reads the whole log is known by fewer queries. */
const QUESTION_LIMIT_MS = 20_000;
const GOAL = 1.5;
const BYTES_AN_ENTRY = 600;

/** What is asked of a log of so many entries; another each time where there is a choice. */
interface Question {
  name: string;
  ask(entries: number, random: () => number): { filter: LogFilter; cursor?: string };
}

const QUESTIONS: readonly Question[] = [
  { name: 'no filter', ask: () => ({ filter: {} }) },
  { name: 'no filter, deep in', ask: (entries, random) => ({ filter: {}, cursor: deepIn(entries, random) }) },
  { name: 'team', ask: () => ({ filter: { teamId: 'T0MAIN' } }) },
  {
    name: 'team, deep in',
    ask: (entries, random) => ({ filter: { teamId: 'T0MAIN' }, cursor: deepIn(entries, random) }),
  },
  {
    name: 'user (a busy one)',
    ask: (_entries, random) => ({ filter: { userId: toUserId(Math.floor(random() * 8)) } }),
  },
  { name: 'scope, common', ask: () => ({ filter: { scope: COMMON_SCOPE } }) },
  {
    name: 'scope, common, deep in',
    ask: (entries, random) => ({ filter: { scope: COMMON_SCOPE }, cursor: deepIn(entries, random) }),
  },
  { name: 'scope, rare', ask: () => ({ filter: { scope: RARE_SCOPE } }) },
  { name: 'event, common', ask: () => ({ filter: { event: COMMON_EVENT } }) },
  { name: 'event, rare', ask: () => ({ filter: { event: RARE_EVENT } }) },
  {
    name: 'since, recent',
    ask: (entries, random) => ({ filter: { since: at(entries, entries - 100 - 200 * random()) } }),
  },
  {
    name: 'since, old',
    ask: (entries, random) => ({ filter: { since: at(entries, entries * 0.2 * random()) } }),
  },
  {
    name: 'until, recent',
    ask: (entries, random) => ({ filter: { until: at(entries, entries * (1 - 0.2 * random())) } }),
  },
  {
    name: 'until, old',
    ask: (_entries, random) => ({ filter: { until: at(_entries, 100 + 200 * random()) } }),
  },
];

function deepIn(entries: number, random: () => number): string {
  return String(Math.floor(entries * (0.1 + 0.8 * random())));
}

function at(entries: number, place: number): string {
  return toEntryTime(Math.floor(place), entries);
}

interface Log {
  entries: number;
  database: Database;
}

/** A page of 50, newest first, of a long log against a short one. Each query on the one, then on the other. */
export async function benchLog({ entries: large = LARGE }: { entries?: number | undefined }) {
  return inFolder(large * BYTES_AN_ENTRY, async (folder) => {
    const logs: Log[] = [];
    try {
      for (const entries of [SMALL, large]) logs.push(await buildLog(folder, entries));
      const [small, big] = logs;
      if (small === undefined || big === undefined) throw new Error('there are two logs');
      const rows = [];
      for (const question of QUESTIONS) rows.push(await compare(question, small, big));
      printTable(
        `A page of ${PAGE} entries, newest first: median of ${QUERIES} queries, µs (goal: ratio at most ${GOAL})`,
        ['filter', `${SMALL.toLocaleString('en-US')}`, `${large.toLocaleString('en-US')}`, 'ratio', 'goal'],
        rows.map((row) => [
          row.filter,
          row.small_us,
          row.large_us,
          row.ratio,
          row.goal_met ? 'met' : 'missed',
        ]),
      );
      return {
        page: PAGE,
        queries: QUERIES,
        small: SMALL,
        large,
        goal: GOAL,
        goal_met: rows.every((row) => row.goal_met),
        rows,
      };
    } finally {
      for (const { database } of logs) await database.close();
    }
  });
}

async function buildLog(folder: string, entries: number): Promise<Log> {
  const path = join(folder, `${entries}.db`);
  const began = performance.now();
  await fillLog(path, entries);
  const seconds = Math.round((performance.now() - began) / 1_000);
  const megabytes = Math.round(statSync(path).size / 1e6);
  say(`a log of ${entries.toLocaleString('en-US')} entries, ${megabytes} MB, built in ${seconds} s`);
  return { entries, database: await openDatabase({ config: { kind: 'sqlite', path }, clock: systemClock }) };
}

async function compare({ name, ask }: Question, small: Log, large: Log) {
  const times = new Map<Log, number[]>([
    [small, []],
    [large, []],
  ]);
  const random = createRandom(1);
  const giveUpAt = performance.now() + QUESTION_LIMIT_MS;
  for (let query = -WARM_UP; query < QUERIES; query += 1) {
    if (performance.now() > giveUpAt && query > 0) break;
    for (const [log, own] of times) {
      const question = ask(log.entries, random);
      const began = performance.now();
      const page = await listLogEntries(log.database.query, { ...question, order: 'desc', limit: PAGE });
      const took = performance.now() - began;
      if (page.items.length !== PAGE) {
        throw new Error(`"${name}" found ${page.items.length} of ${log.entries} entries, not ${PAGE}`);
      }
      if (query >= 0) own.push(took);
    }
  }
  const [smallUs = Number.NaN, largeUs = Number.NaN] = [...times.values()].map((own) => median(own) * 1_000);
  const ratio = round(largeUs / smallUs);
  return {
    filter: name,
    small_us: Math.round(smallUs),
    large_us: Math.round(largeUs),
    ratio,
    goal_met: ratio <= GOAL,
  };
}
