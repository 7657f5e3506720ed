import { createHash } from 'node:crypto';

/** In hex; stored in place of a text that must be recognized but never read. */
export function toSha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
