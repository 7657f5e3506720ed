import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes text to standard output, with back-pressure. */
export async function printText(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    // The reader of a pipe, such as `head`, has closed it.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

/** Prints an error; the command will exit with 1. */
export function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

/** A line on standard error that rewrites itself; prints nothing unless that is a terminal. */
export function createProgressLine(stream: NodeJS.WriteStream = process.stderr) {
  const write = (text: string) => {
    if (stream.isTTY) stream.write(`\r\u001b[K${text}`);
  };
  return {
    show: (text: string): void => write(text.slice(0, (stream.columns || 80) - 1)),
    /** Removes the line, for the output that follows. */
    clear: (): void => write(''),
  };
}

/** `1:02:03`, or `2:03`. */
export function toDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(seconds / 3_600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}

/** `1 page`, `1,234 pages`; the number alone without a word. */
export function toCount(count: number, word?: string, plural = `${word}s`): string {
  const number = count.toLocaleString('en');
  if (word === undefined) return number;
  return `${number} ${count === 1 ? word : plural}`;
}
