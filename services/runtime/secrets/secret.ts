import { randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** What nobody can guess, for an address or a cookie. Only its `toSha256` is stored: whoever reads the database cannot come in by it. */
export function createSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
