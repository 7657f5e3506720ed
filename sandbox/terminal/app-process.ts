import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

/** The built app and its command line: those of the folder that the sandbox is started in. */
const DIST = resolve('dist');
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 8_000;
const POLL_MS = 50;

export type Environment = Record<string, string | undefined>;

export interface AppProcess {
  /** Resolves when it has ended, whoever ended it, with how. */
  ended: Promise<string>;
  /** Asks it to end, waits until it has, and insists after a while. */
  stop(): Promise<void>;
}

interface StartOptions {
  port: number;
  environment: Environment;
  /** Every line that the app writes. */
  onLine(line: string): void;
}

/** In a sentence what is missing, where `npm run build` has not been run. */
export function findMissingBuild(): string | undefined {
  const missing = ['app.js', 'cli.js'].map((name) => join(DIST, name)).filter((file) => !existsSync(file));
  return missing.length === 0 ? undefined : `${missing.join(' and ')} is not there: run npm run build first.`;
}

/** Starts the real app in a process of its own; resolves once it can serve, throws saying why it cannot. */
export async function startApp({ port, environment, onLine }: StartOptions): Promise<AppProcess> {
  const child = spawn(process.execPath, [join(DIST, 'app.js')], {
    env: { ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C is for the sandbox, which then ends the app in good order.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);

  // Should this process end in disorder, the app does not stay behind.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  let isRunning = true;
  const ended = new Promise<string>((settle) => {
    child.once('error', (error) => settle(`could not be started: ${error.message}`));
    // 'close' comes after the last line has been read, 'exit' may come before.
    child.once('close', (code, signal) =>
      settle(signal ? `was ended by ${signal}` : `ended with code ${code}`),
    );
  }).then((how) => {
    isRunning = false;
    process.off('exit', kill);
    return how;
  });

  const limit = Date.now() + START_LIMIT_MS;
  while (!(await canServe(port))) {
    if (!isRunning)
      throw new Error(`The app ${await ended} before it could serve. Its own words stand above.`);
    if (Date.now() > limit) {
      kill();
      throw new Error(`The app did not answer GET /healthz with 200 within ${START_LIMIT_MS / 1000} s.`);
    }
    await sleep(POLL_MS);
  }
  return { ended, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(insist);
}

async function canServe(port: number): Promise<boolean> {
  try {
    // Not `fetch`: it refuses some ports that a server may well have, 4190 among them.
    const { statusCode, body } = await request(`http://127.0.0.1:${port}/healthz`, {
      bodyTimeout: 2_000,
      headersTimeout: 2_000,
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** Runs the app's command line, `node dist/cli.js …`, and gives back what it prints. */
export async function runCli(
  args: string[],
  environment: Environment,
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [join(DIST, 'cli.js'), ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number>((settle, fail) => {
    child.once('error', fail);
    child.once('close', (status) => settle(status ?? 1));
  });
  return { code, output };
}
