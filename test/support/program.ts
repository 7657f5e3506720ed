import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** What a program printed, and how it ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts a built program, as an operator does, from a folder that is not the project's. */
export function startProgram(
  file: 'app.js' | 'cli.js',
  args: readonly string[],
  environment: Record<string, string>,
  { largestFileBlocks }: { largestFileBlocks?: number } = {},
): Started {
  const program = [process.execPath, join(root, 'dist', file), ...args];
  const limited = ['sh', '-c', `ulimit -f ${largestFileBlocks}; exec "$@"`, 'limited', ...program];
  const [command = '', ...rest] = largestFileBlocks === undefined ? program : limited;
  return startCommand(command, rest, { cwd: '/', environment });
}

interface Started {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<Ended>;
}

export function startCommand(
  command: string,
  args: readonly string[],
  { cwd, environment }: { cwd: string; environment: Record<string, string> },
): Started {
  const child = spawn(command, args, { cwd, env: { PATH: process.env.PATH, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

export function runProgram(
  file: 'app.js' | 'cli.js',
  args: readonly string[],
  environment: Record<string, string>,
): Promise<Ended> {
  return startProgram(file, args, environment).ended;
}

/** Resolves with the port once the app writes that it listens. */
export function listeningPort(child: ChildProcessWithoutNullStreams): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const line of text.split('\n').slice(0, -1)) {
        if (!line.includes('"listening"')) continue;
        const entry: unknown = JSON.parse(line);
        if (typeof entry === 'object' && entry !== null && 'port' in entry) resolve(Number(entry.port));
      }
    });
    child.on('close', (code) => reject(new Error(`the app ended with ${code} before it listened`)));
  });
}
