import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';

/** A built program in a process of its own: what it uses is its own. */
export interface Program {
  child: ChildProcess;
  /** The next message that it sends. Rejects where it ends before, or after `timeoutMs`. */
  next<T>(schema: { parse(value: unknown): T }, timeoutMs: number): Promise<T>;
  /** Tells it something, and waits for its answer. */
  ask<T>(order: object, schema: { parse(value: unknown): T }, timeoutMs: number): Promise<T>;
  /** Ends it at once if it has not ended. */
  end(): Promise<void>;
}

/**
 * Starts a built file: one of the bench's own by its path from here, or any by its whole path. It gets the variables given
 * and no others; what it writes on standard error is shown.
 */
export function startProgram(
  file: string,
  args: readonly string[],
  { env = {} }: { env?: Record<string, string> } = {},
): Program {
  const child = fork(resolve(__dirname, file), args, {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
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

  function next<T>(schema: { parse(value: unknown): T }, timeoutMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        finish();
      };
      const onMessage = (message: unknown) =>
        settle(() => {
          try {
            resolve(schema.parse(message));
          } catch (error) {
            reject(error);
          }
        });
      const onExit = (code: number | null) =>
        settle(() => reject(new Error(`${file} ended with ${code} before it answered`)));
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${file} did not answer within ${timeoutMs} ms`))),
        timeoutMs,
      );
      child.once('message', onMessage);
      child.once('exit', onExit);
    });
  }

  return {
    child,
    next,
    ask(order, schema, timeoutMs) {
      const answer = next(schema, timeoutMs);
      child.send(order);
      return answer;
    },
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a program that sends one message, and answers with it. */
export async function runProgram<T>(
  file: string,
  args: readonly string[],
  schema: { parse(value: unknown): T },
  { timeoutMs }: { timeoutMs: number },
): Promise<T> {
  const program = startProgram(file, args);
  try {
    return await program.next(schema, timeoutMs);
  } finally {
    await program.end();
  }
}

/** What a child tells its parent. */
export function report(message: object): void {
  process.send?.(message);
}
