import { loadavg } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { toMessage } from '../services/runtime/errors';
import { benchAdmin } from './admin';
import { benchDriver } from './driver';
import { benchEvents } from './grants/events';
import { benchLog } from './grants/log';
import { benchSweep } from './grants/sweep';
import { round } from './numbers';
import { printProfile } from './profile';
import { recordResults } from './results';
import { benchRush } from './rush';
import { benchSoak } from './soak';
import { benchStart } from './start';
import { say } from './table';
import { benchTrigger, type TriggerPart, triggerParts } from './trigger';

const parts = ['log', 'sweep', 'events'] as const;

interface GrantsOptions {
  only?: (typeof parts)[number];
  entries?: number;
  users?: number;
  rounds?: number;
  seconds?: number;
  profile?: string;
}

async function benchGrants(options: GrantsOptions): Promise<void> {
  const { only, entries, users, rounds, seconds, profile: profileTo } = options;
  const runs = {
    log: () => benchLog({ entries }),
    sweep: () => benchSweep({ users, rounds, profileTo }),
    events: () => benchEvents({ rounds, seconds, profileTo }),
  };
  // The figures of a run that was made smaller, or slower by profiling, are not to be kept.
  const isWhole = [entries, users, rounds, seconds, profileTo].every((option) => option === undefined);
  for (const part of parts.filter((name) => only === undefined || name === only)) {
    say(`grants: ${part}`);
    const figures = await runs[part]();
    if (isWhole) recordResults('grants', part, figures);
  }
}

interface BenchTriggerOptions {
  only?: TriggerPart;
  rounds?: number;
  profile?: string;
}

async function benchTriggerParts({ only, rounds, profile: profileTo }: BenchTriggerOptions): Promise<void> {
  const isWhole = rounds === undefined && profileTo === undefined;
  for (const part of triggerParts.filter((name) => only === undefined || name === only)) {
    // Whatever else runs on the machine is in the figures.
    const loadBefore = round(loadavg()[0] ?? Number.NaN);
    say(`trigger: ${part}; the machine's load before it is ${loadBefore}`);
    const figures = await benchTrigger(part, { rounds, profileTo, isWhole });
    if (isWhole) recordResults('trigger', part, { load_before: loadBefore, ...figures });
  }
}

async function benchDrivers({ rounds, beside }: { rounds?: number; beside: string }): Promise<void> {
  const figures = await benchDriver({ rounds, beside });
  if (rounds === undefined) recordResults('driver', `node ${process.versions.node.split('.')[0]}`, figures);
}

async function benchStarts({ rounds }: { rounds?: number }): Promise<void> {
  const figures = await benchStart({ rounds });
  if (rounds === undefined) recordResults('start', 'sqlite', figures);
}

async function benchRushes({ users }: { users?: number }): Promise<void> {
  const figures = await benchRush({ users });
  if (users === undefined) recordResults('rush', 'sqlite', figures);
}

async function benchSoaks({ minutes, postgres }: { minutes?: number; postgres?: true }): Promise<void> {
  const figures = await benchSoak({ minutes, postgres });
  if (minutes === undefined) recordResults('soak', postgres ? 'postgres' : 'sqlite', figures);
}

function toCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

async function benchAll(): Promise<void> {
  await benchTriggerParts({});
  await benchStarts({});
  await benchRushes({});
  await benchGrants({});
  await benchAdmin({});
  await benchSoaks({});
}

function createProgram(): Command {
  const program = new Command('bench')
    .description(
      'Measures Scopekeeper beside the least that could do the same; all of it but the driver where no command is given, which takes an hour. Figures of whole runs are kept in bench/results.json.',
    )
    .action(benchAll);
  program
    .command('grants')
    .description('The grant service: pages of a long log, a sweep of a long list, events a second.')
    .addOption(new Option('--only <part>', 'one part').choices(parts))
    .option('--entries <count>', 'log: of the longer log', toCount)
    .option('--users <count>', 'sweep: on the list', toCount)
    .option('--rounds <count>', 'sweep, events: of each contender', toCount)
    .option('--seconds <count>', 'events: about how long a round is', toCount)
    .option('--profile <folder>', 'sweep, events: leave CPU profiles there')
    .action(benchGrants);
  program
    .command('admin')
    .description('The admin page: the first page of each view of a long log.')
    .option('--entries <count>', 'of the longer log', toCount)
    .action(benchAdmin);
  program
    .command('trigger')
    .description(
      'From a gesture to the call that uses up its trigger, beside plain Bolt and the least that could do it.',
    )
    .addOption(new Option('--only <part>', 'one part').choices(triggerParts))
    .option('--rounds <count>', 'of each contender', toCount)
    .option('--profile <folder>', 'leave a CPU profile of Scopekeeper there')
    .action(benchTriggerParts);
  program
    .command('driver')
    .description('SQLite as Scopekeeper drives it, beside better-sqlite3, which Scopekeeper does not need.')
    .requiredOption('--beside <folder>', 'where `npm install better-sqlite3@12` was run')
    .option('--rounds <count>', 'of each contender', toCount)
    .action(benchDrivers);
  program
    .command('start')
    .description('From the start of the process to the first exchange, beside plain Bolt.')
    .option('--rounds <count>', 'of each contender', toCount)
    .action(benchStarts);
  program
    .command('rush')
    .description("A whole workspace at once against Slack's rate limit, beside plain Bolt.")
    .option('--users <count>', 'who run the command', toCount)
    .action(benchRushes);
  program
    .command('soak')
    .description('Fifty gestures a second for ten minutes: what is lost, and what it holds of memory.')
    .option('--minutes <count>', 'how long', toCount)
    .option('--postgres', 'on PostgreSQL instead of SQLite')
    .action(benchSoaks);
  program
    .command('profile <file>')
    .description('Where the time of a .cpuprofile goes.')
    .action((file: string) => printProfile(file));
  return program;
}

// An exit tidies up, an end by a signal would not.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`The bench did not end: ${toMessage(error)}\n`);
    process.exitCode = 1;
  });
