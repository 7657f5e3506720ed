import { createHash } from 'node:crypto';

/** In hex: what is kept of a text that has to be known again, and never to be read. */
export function toSha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
