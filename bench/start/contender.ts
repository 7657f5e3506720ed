import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { APP_FILE } from '../app';
import { SIGNING_SECRET } from '../events/body';

const BOT_TOKEN = 'xoxb-bench';
const STOP_TIMEOUT_MS = 10_000;

/** An app in the moment in which it is started. */
export interface Starting {
  child: ChildProcess;
  port: number;
  /** `performance.now()` when its process was made. */
  startedAt: number;
  /** As an operator stops it. Rejects where it has not ended in time. */
  stop(): Promise<void>;
}

/** What is started: a built file, and all that it is told. */
export interface Contender {
  name: string;
  file: string;
  toArguments(port: number): string[];
  toEnvironment(port: number): Record<string, string>;
}

/** The app as `npm start` starts it. It gets the variables that it cannot do without, and those of `more`. */
export function toProduct(
  apiUrl: string,
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): Contender {
  return {
    name: 'Scopekeeper',
    file: APP_FILE,
    toArguments: () => [],
    toEnvironment: (port) => ({
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_API_URL: apiUrl,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      ...more,
    }),
  };
}

export function toPlainBolt(apiUrl: string): Contender {
  return {
    name: 'plain Bolt',
    file: resolve(__dirname, 'plain-bolt.js'),
    toArguments: (port) => [String(port), apiUrl, BOT_TOKEN, SIGNING_SECRET],
    toEnvironment: () => ({}),
  };
}

/** Starts it by `node <file>`. */
export async function start(contender: Contender): Promise<Starting> {
  const port = await findFreePort();
  const startedAt = performance.now();
  const child = spawn(process.execPath, [contender.file, ...contender.toArguments(port)], {
    env: contender.toEnvironment(port),
    // What Bolt says of itself goes to standard output: an app must not wait for somebody to read it.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kill = () => void child.kill('SIGKILL');
  // Nothing of the bench outlives it, however it ends.
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', kill);
      resolve();
    });
  });
  return {
    child,
    port,
    startedAt,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(kill, STOP_TIMEOUT_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Below the ports that systems hand out by themselves: one of those may be taken before the app listens. */
const PORTS = { from: 20_000, to: 30_000 };

async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
