import { randomBytes } from 'node:crypto';

/** Crockford's alphabet: no letter that could be taken for a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The id of a request, or of a fault: short enough to read out to an admin. 60 random bits. */
export function createReference(): string {
  // 32 letters: five bits of each byte.
  return `R${Array.from(randomBytes(12), (byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}
