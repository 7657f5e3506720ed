#!/usr/bin/env node
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock, toIsoTime } from './services/clock';
import { loadDatabaseConfig, readEnvironment } from './services/config';
import { openDatabase } from './services/database/database';
import { ScopekeeperError, toMessage } from './services/errors';
import { createGrants, type Grants } from './services/grants/grants';
import { type GrantFilter, type LogFilter, logEvents } from './services/grants/log-entry';
import { type Format, formats, printRecords, toGrantRecord, toLogRecord } from './services/grants/print';

const PAGE = 1_000;
const LOG_COLUMNS =
  'seq at team_id user_id event scopes source request_id trigger_source event_id error reason'.split(' ');
const GRANT_COLUMNS = 'team_id user_id scope granted_at source'.split(' ');

interface Filters {
  format: Format;
  team?: string;
  user?: string;
  scope?: string;
}

interface LogFilters extends Filters {
  event?: LogFilter['event'];
  since?: string;
  until?: string;
  limit?: number;
}

async function printLog(filters: LogFilters): Promise<void> {
  const { team: teamId, user: userId, scope, event, since, until, limit } = filters;
  await withGrants(async (grants) => {
    const entries = readLog(
      grants,
      { teamId, userId, scope, event, since, until },
      limit ?? Number.POSITIVE_INFINITY,
    );
    await print(printRecords(entries, { format: filters.format, columns: LOG_COLUMNS }));
  });
}

/** A page at a time: memory does not grow with the log. */
async function* readLog(grants: Grants, filter: LogFilter, limit: number) {
  let cursor: string | undefined;
  let left = limit;
  do {
    const page = await grants.listLog({ filter, order: 'asc', cursor, limit: Math.min(PAGE, left) });
    yield page.items.map(toLogRecord);
    left -= page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && left > 0);
}

async function printGrants({ format, team: teamId, user: userId, scope }: Filters): Promise<void> {
  await withGrants(async (grants) => {
    const records = readGrants(grants, { teamId, userId, scope });
    await print(printRecords(records, { format, columns: GRANT_COLUMNS }));
  });
}

async function* readGrants(grants: Grants, filter: GrantFilter) {
  yield (await grants.listGrants(filter)).map(toGrantRecord);
}

async function withGrants(run: (grants: Grants) => Promise<void>): Promise<void> {
  const config = loadDatabaseConfig(readEnvironment());
  const database = await openDatabase({ config, clock: systemClock, mustExist: true });
  try {
    await run(createGrants({ database }));
  } finally {
    await database.close();
  }
}

async function print(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    // Somebody piped us into `head`, and has seen enough.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

function toTime(text: string): string {
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const ms = Date.parse(text.includes('T') && !hasZone ? `${text}Z` : text);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Write a date or a time, such as 2026-01-31 or 2026-01-31T12:00:00Z.');
  return toIsoTime(ms);
}

function toLimit(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

function createProgram(): Command {
  const program = new Command('scopekeeper')
    .description('Reads the record that Scopekeeper keeps. The database is the one that DATABASE_URL names.')
    .showHelpAfterError('(scopekeeper --help shows what can be typed)');
  const addFilters = (command: Command) =>
    command
      .addOption(new Option('--format <format>', 'how to print').choices(formats).default('table'))
      .option('--team <id>', 'only this team')
      .option('--user <id>', 'only this user')
      .option('--scope <scope>', 'only this scope');

  addFilters(program.command('log'))
    .description('The grant log, oldest first.')
    .addOption(new Option('--event <event>', 'only this event').choices(logEvents))
    .option('--since <time>', 'from this time on (a date, or ISO 8601; UTC where no zone is named)', toTime)
    .option('--until <time>', 'before this time', toTime)
    .option('--limit <count>', 'stop after so many entries', toLimit)
    .action(printLog);
  addFilters(program.command('grants')).description('What stands now.').action(printGrants);
  return program;
}

async function main(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.stderr.write(
      `${error instanceof ScopekeeperError ? error.message : `It did not work: ${toMessage(error)}`}\n`,
    );
    process.exitCode = 1;
  }
}

if (require.main === module) void main();
