import { loadavg } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { benchEvents } from './events';
import { describeMachine } from './machine';
import { round } from './numbers';
import { benchRush } from './rush';
import { benchSoak } from './soak';
import { benchStart } from './start';
import { say } from './table';
import { benchTrigger, type TriggerPart, triggerParts } from './trigger';

interface Sizes {
  /** A few requests of each: whether it works at all. Its figures mean nothing. */
  tiny?: true;
}

type TriggerOptions = Sizes & { only?: TriggerPart; rounds?: number };

async function benchTriggerParts({ only, ...sizes }: TriggerOptions): Promise<void> {
  for (const part of triggerParts.filter((name) => only === undefined || name === only)) {
    // Whatever else runs on the machine is in the figures.
    say(`trigger: ${part}; the machine's load before it is ${round(loadavg()[0] ?? Number.NaN)}`);
    await benchTrigger(part, sizes);
  }
}

async function benchAll(): Promise<void> {
  await benchTriggerParts({});
  await benchStart({});
  await benchRush({});
  await benchEvents({});
  await benchSoak({});
}

function toCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

function createProgram(): Command {
  const program = new Command('bench')
    .description(
      'Measures Scopekeeper beside plain Bolt and the least that could do the same; all of it where no command is given.',
    )
    .hook('preAction', () => say(describeMachine()))
    .action(benchAll);
  const add = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--tiny', 'a few requests of each, only to see that it works');
  add('trigger', 'From a gesture to the call that exchanges its trigger.')
    .addOption(new Option('--only <part>', 'one part').choices(triggerParts))
    .option('--rounds <count>', 'of each contender', toCount)
    .action(benchTriggerParts);
  add('start', 'From the start of the process to the first exchange.')
    .option('--rounds <count>', 'of each contender', toCount)
    .action(benchStart);
  add('rush', "A whole workspace at once against Slack's rate limit.")
    .option('--users <count>', 'who run the command', toCount)
    .action(benchRush);
  add('events', 'Events a second, each committed before it is acknowledged.')
    .option('--rounds <count>', 'of each contender', toCount)
    .option('--seconds <count>', 'about how long a round is', toCount)
    .action(benchEvents);
  add('soak', 'Fifty gestures a second for ten minutes: what is lost, and what it holds of memory.')
    .option('--minutes <count>', 'how long', toCount)
    .option('--database <url>', 'an empty PostgreSQL database, instead of a SQLite file')
    .action(benchSoak);
  return program;
}

// An exit tidies up, an end by a signal would not.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(
      `The bench did not end: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  });
