import { type ChildProcess, fork, type StdioOptions, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findProjectRoot } from '../../services/runtime/project-root';
import { SIGNING_SECRET } from '../grants/events/body';

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

/** What is started: a file under `dist/`, and all that it is told. */
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
    file: 'app.js',
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
    file: 'bench/start/plain-bolt.js',
    toArguments: (port) => [String(port), apiUrl, BOT_TOKEN, SIGNING_SECRET],
    toEnvironment: () => ({}),
  };
}

/** Starts it by `node dist/<file>`; with `preload`, that file is loaded before it, and can send messages. */
export async function start(contender: Contender, preload?: string): Promise<Starting> {
  const port = await findFreePort();
  const dist = join(findProjectRoot(), 'dist');
  const file = join(dist, contender.file);
  const args = contender.toArguments(port);
  const env = contender.toEnvironment(port);
  // What Bolt says of itself goes to standard output: an app must not wait for somebody to read it.
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit'];
  const startedAt = performance.now();
  const child =
    preload === undefined
      ? spawn(process.execPath, [file, ...args], { env, stdio })
      : fork(file, args, { env, stdio: [...stdio, 'ipc'], execArgv: ['--require', join(dist, preload)] });
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

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
