import { runInteractive } from './terminal/interactive';
import { HELP, readOptions } from './terminal/options';
import { runTour } from './tour';

const USAGE_FAULT = 2;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if ('fault' in options) {
    process.stderr.write(`${options.fault}\n`);
    return USAGE_FAULT;
  }
  const write = (text: string) => void process.stdout.write(text);
  if (options.help) {
    write(HELP);
    return 0;
  }
  const run = options.tour ? runTour : runInteractive;
  return await run({ options, environment: process.env, write, asked: askedToEnd() });
}

/** Ctrl-C and SIGTERM ask for the end; asked a second time, there is no more waiting. */
function askedToEnd(): Promise<string> {
  return new Promise((resolve) => {
    let asked = 0;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        asked += 1;
        if (asked > 1) process.exit(1);
        resolve(signal);
      });
    }
  });
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `\nThe sandbox did not start. ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
