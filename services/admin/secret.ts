import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** What nobody can guess, for an address or a cookie. */
export function createSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** What is kept of it: whoever reads the database cannot come in by it. */
export function toSecretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
