import { randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** A random secret for a URL or a cookie. Store only its `toSha256`: a copy of the database must not let anybody in. */
export function createRandomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}
