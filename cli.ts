#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { printAccess } from './cli/access';
import { runCopy } from './cli/copy';
import { printManifest, toPublicUrl } from './cli/manifest';
import { printGrants, printLog } from './cli/read';
import { runRekey } from './cli/rekey';
import { runSign } from './cli/sign';
import { runSync } from './cli/sync';
import { runVerify, toHash } from './cli/verify';
import { accessEvents } from './services/admin/access-store';
import { logEvents } from './services/grants/log/entry';
import { outputFormats } from './services/grants/log/print';
import { toIsoTime } from './services/runtime/clock';
import { ScopekeeperError, toErrorMessage } from './services/runtime/errors';

function toTime(text: string): string {
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const ms = Date.parse(text.includes('T') && !hasZone ? `${text}Z` : text);
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError('Write a date or a time, such as 2026-01-31 or 2026-01-31T12:00:00Z.');
  }
  return toIsoTime(ms);
}

function toLimit(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

function createProgram(): Command {
  const program = new Command('scopekeeper')
    .description(
      'Reads and mends the record that Scopekeeper keeps, in the database that DATABASE_URL names.',
    )
    .showHelpAfterError('(scopekeeper --help shows what can be typed)')
    .exitOverride();
  const formatOption = () =>
    new Option('--format <format>', 'how to print').choices(outputFormats).default('table');
  const addFilters = (command: Command) =>
    command
      .addOption(formatOption())
      .option('--team <id>', 'only this team')
      .option('--user <id>', 'only this user')
      .option('--scope <scope>', 'only this scope');

  addFilters(program.command('log'))
    .description('The grant log, oldest first.')
    .addOption(new Option('--event <event>', 'only this event').choices(logEvents))
    .option('--since <time>', 'from this time on (a date, or ISO 8601; UTC where no zone is named)', toTime)
    .option('--until <time>', 'before this time', toTime)
    .addOption(
      new Option('--limit <count>', 'stop after so many entries').argParser(toLimit).conflicts('follow'),
    )
    .option('--follow', 'go on with new entries as they come, until Ctrl-C')
    .action(printLog);
  addFilters(program.command('grants')).description('What stands now.').action(printGrants);
  program
    .command('access')
    .description('Who came to the log: links, sign-ins, refusals, exports and syncs, oldest first.')
    .addOption(formatOption())
    .option('--team <id>', 'only this team')
    .option('--user <id>', 'only this user')
    .addOption(new Option('--event <event>', 'only this event').choices(accessEvents))
    .option('--since <time>', 'from this time on', toTime)
    .option('--until <time>', 'before this time', toTime)
    .action(printAccess);
  program
    .command('sync')
    .description('Compares the store with what Slack holds, and mends it.')
    .option('--team <id>', 'only this team')
    .option('--dry-run', 'print what differs, and change nothing')
    .addOption(formatOption())
    .action(runSync);
  program
    .command('copy')
    .description(
      'Copies everything into another database that is empty, and compares the two. Stop the app first: nothing may write to either until it is done. Where it was interrupted, the same command goes on from its place.',
    )
    .option(
      '--from <url>',
      'the database to read, in the form of DATABASE_URL (default: COPY_FROM_URL, or else DATABASE_URL)',
    )
    .option(
      '--to <url>',
      'the database to fill, in the same form; a file is made where there is none (default: COPY_TO_URL)',
    )
    .action(runCopy);
  program
    .command('verify')
    .description(
      'Walks the chain of hashes through the grant log, and says which entry was changed, removed or put in first, and whether its end is signed with SIGNING_KEY.',
    )
    .option('--team <id>', 'only this team')
    .option(
      '--noted <hash>',
      'a hash of this team that was noted elsewhere: it has to be there still',
      toHash,
    )
    .action(runVerify);
  program
    .command('sign')
    .description(
      'Signs the grant log with the first key of SIGNING_KEY, where one of the keys after it has signed it.',
    )
    .option(
      '--as-it-stands',
      'also what holds together but cannot be proved, because its key is lost: it is proved from now on. Stop the app first',
    )
    .action(runSign);
  program
    .command('rekey')
    .description(
      'Encrypts every stored token with the first key of TOKEN_ENCRYPTION_KEY. The app may run meanwhile.',
    )
    .action(runRekey);
  program
    .command('manifest')
    .description("Prints the manifest of the Slack app, to be pasted into Slack's settings.")
    .option('--url <address>', 'where Slack and browsers reach the app (default: PUBLIC_URL)', toPublicUrl)
    .option('--socket', 'for Socket Mode: only browsers need an address')
    .option('--native', 'with the permission events that Slack has retired')
    // Slack's own command line appends it to the hook that it calls.
    .addOption(new Option('--source <folder>').hideHelp())
    .action(printManifest);
  return program;
}

/** Runs one command; `process.exitCode` says how it ended. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = 1;
    // Commander has printed what was wrong, or the help that was asked for.
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else if (error instanceof ScopekeeperError) process.stderr.write(`${error.message}\n`);
    else process.stderr.write(`It did not work: ${toErrorMessage(error)}\n`);
  }
}

if (require.main === module) void runCommandLine(process.argv.slice(2));
