import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

// The bench sees the app as it is built, and nothing of its source.
const APP = resolve(__dirname, '../../dist');

/** What `npm start` starts. */
export const APP_FILE = join(APP, 'app.js');

/** What Slack knows of the app. */
export function readManifest(): Record<string, unknown> {
  return z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(readFileSync(join(APP, 'manifest.json'), 'utf8')));
}

const entrySchema = z.object({
  event: z.string(),
  user_id: z.string().nullable(),
  event_id: z.string().nullable(),
});

export type LogEntry = z.infer<typeof entrySchema>;

/** The grant log, as `node dist/cli.js log` prints it. */
export async function readLog(databaseUrl: string): Promise<LogEntry[]> {
  const child = spawn(process.execPath, [join(APP, 'cli.js'), 'log', '--format', 'jsonl'], {
    env: { DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((settle, fail) => {
    child.once('error', fail);
    child.once('close', settle);
  });
  const entries: LogEntry[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    entries.push(entrySchema.parse(JSON.parse(line)));
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the log could not be read: cli.js ended with ${code}`);
  return entries;
}

/** Time as the app takes it: the system's, or one that is moved by hand. */
export interface Clock {
  now(): number;
  setTimeout(run: () => void, delayMs: number): { cancel(): void };
}

interface RunningApp {
  port: number;
  stop(): Promise<void>;
}

/** Starts the app in this process, so that it goes by a clock of ours. It logs nothing. */
export function startAppHere(environment: Record<string, string>, clock: Clock): Promise<RunningApp> {
  const { startApp }: { startApp(start: object): Promise<RunningApp> } = require(APP_FILE);
  const { loadConfig }: { loadConfig(environment: object): object } = require(
    join(APP, 'services/config/config.js'),
  );
  const { createLogger }: { createLogger(options: object): object } = require(
    join(APP, 'services/runtime/logger.js'),
  );
  const logger = createLogger({ level: 'silent', secrets: [] });
  return startApp({ config: loadConfig(environment), logger, clock });
}
