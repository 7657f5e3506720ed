import { Writable } from 'node:stream';
import { runCommandLine } from '../../cli';
import type { Ended } from './program';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
let isRunning = false;

/** Runs one command of the command line in this process: what it prints, and how it ends. One at a time. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  if (isRunning) throw new Error('a command is running already: spawn the second with startProgram');
  isRunning = true;
  const outputs = { stdout: createOutput(), stderr: createOutput() };
  const { env, exitCode } = process;
  const streams = Object.getOwnPropertyDescriptors(process);
  const listeners = SIGNALS.map((signal) => process.listeners(signal));
  process.env = { ...environment };
  process.exitCode = undefined;
  for (const name of ['stdout', 'stderr'] as const)
    Object.defineProperty(process, name, { value: outputs[name].stream, configurable: true });
  try {
    await runCommandLine(args);
    return {
      code: Number(process.exitCode ?? 0),
      stdout: outputs.stdout.text(),
      stderr: outputs.stderr.text(),
    };
  } finally {
    for (const name of ['stdout', 'stderr'] as const) Object.defineProperty(process, name, streams[name]!);
    process.env = env;
    process.exitCode = exitCode;
    for (const [index, signal] of SIGNALS.entries()) {
      for (const listener of process.listeners(signal))
        if (!listeners[index]?.includes(listener)) process.off(signal, listener);
    }
    isRunning = false;
  }
}

function createOutput() {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}
