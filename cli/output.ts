import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes text to standard output, no faster than it is read. */
export async function print(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    // Somebody piped us into `head`, and has seen enough.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

/** Says what is wrong; the command ends with 1 when it is through. */
export function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

/** A line on standard error that rewrites itself, where somebody looks; nothing where nobody does. */
export interface ProgressLine {
  show(text: string): void;
  /** Takes it away, for what comes after. */
  clear(): void;
}

export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  const write = (text: string) => {
    if (stream.isTTY) stream.write(`\r\u001b[K${text}`);
  };
  return { show: (text) => write(text.slice(0, (stream.columns || 80) - 1)), clear: () => write('') };
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
