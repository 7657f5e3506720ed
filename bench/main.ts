import { Command, InvalidArgumentError, Option } from 'commander';
import { toMessage } from '../services/errors';
import { benchAdmin } from './admin';
import { benchEvents } from './grants/events';
import { benchLog } from './grants/log';
import { benchSweep } from './grants/sweep';
import { printProfile } from './profile';
import { recordResults } from './results';
import { say } from './table';

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

function toCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

function createProgram(): Command {
  const program = new Command('bench').description(
    'Measures Scopekeeper beside the least that could do the same. Figures of whole runs are kept in bench/results.json.',
  );
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
