import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { APP_FILE } from '../app';
import { type Program, startProgram } from '../program';
import { SIGNING_SECRET } from './body';

const START_TIMEOUT_MS = 20_000;
const CLOCK_TICKS_A_SECOND = 100;

/** An app that is sent events, in a process of its own. */
export interface Contender {
  program: Program;
  port: number;
  /** MB resident now, and the most that were; undefined where the system does not tell. */
  readMemory(): { nowMb: number; peakMb: number } | undefined;
  /** Seconds of processor time since it started; undefined where the system does not tell (it is read from /proc). */
  readCpu(): number | undefined;
  /** Takes all processor time from it, so that it does not disturb a measurement of another. */
  freeze(): void;
  thaw(): void;
}

/** A helper that tells its port when it listens. */
export async function startListening(
  file: string,
  args: readonly string[] = [],
): Promise<{ program: Program; port: number }> {
  const program = startProgram(file, args);
  const { port } = await program.next(z.object({ port: z.number() }), START_TIMEOUT_MS);
  return { program, port };
}

export async function startPlainBolt(): Promise<Contender> {
  const { program, port } = await startListening('events/plain-bolt.js');
  return toContender(program, port);
}

/** The app as `npm start` starts it, on a SQLite file, with the sandbox's part played by the address given. */
export async function startProduct({
  databasePath,
  slackPort,
  settings = { SLACK_BOT_TOKEN: 'xoxb-bench' },
}: {
  databasePath: string;
  slackPort: number;
  /** What is set besides; by default, the token of the one workspace. */
  settings?: Record<string, string>;
}): Promise<Contender> {
  const env = {
    ...settings,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: `http://127.0.0.1:${slackPort}/api/`,
    PORT: '0',
    DATABASE_URL: `file:${databasePath}`,
    SYNC_INTERVAL_MINUTES: '0',
  };
  const program = startProgram(APP_FILE, [], { env });
  return toContender(program, await readPort(program));
}

export function toContender(program: Program, port: number): Contender {
  const { pid } = program.child;
  return {
    program,
    port,
    readCpu() {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ');
        return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_A_SECOND;
      } catch {
        return undefined;
      }
    },
    readMemory() {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const read = (name: string) =>
          Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1_024;
        return { nowMb: read('VmRSS'), peakMb: read('VmHWM') };
      } catch {
        return undefined;
      }
    },
    freeze: () => void program.child.kill('SIGSTOP'),
    thaw: () => void program.child.kill('SIGCONT'),
  };
}

/** From the line that it logs when it listens. */
function readPort({ child }: Program): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the app does not listen')), START_TIMEOUT_MS);
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      if (text === 'done') return;
      text += chunk.toString();
      const match = /"port":(\d+).*"listening"/.exec(text);
      if (match === null) return;
      text = 'done';
      clearTimeout(timer);
      resolve(Number(match[1]));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the app ended with ${code} before it listened: ${text}`));
    });
  });
}
