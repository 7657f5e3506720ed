import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MAIN = join(__dirname, '../dist/main.js');
const run = promisify(execFile);

// A few requests each, and nothing is timed: a part of the bench that nobody runs for months must still work.
test.each([
  [['trigger', '--only', 'latency'], 'requests a second to plain Bolt, 50 at once'],
  [['trigger', '--only', 'delay'], 'With a delay each way'],
  [['trigger', '--only', 'quiet'], 'The first request after 0 s of quiet'],
  [['trigger', '--only', 'overload'], 'answered and exchanged within 3 s'],
  [['trigger', '--only', 'load'], 'Latency over load'],
  [['start'], 'From the start of the process to the first exchange'],
  [['rush'], '22 users within two seconds'],
  [['events'], 'all 180 acknowledged events are in the log, each once'],
  [['soak'], 'gestures a second on SQLite'],
])('%j starts, measures and ends', async (args, words) => {
  const { stdout } = await run(process.execPath, [MAIN, ...args, '--tiny']);
  expect(stdout).toContain(words);
});
