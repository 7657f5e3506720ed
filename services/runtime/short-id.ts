import { customAlphabet } from 'nanoid';

/** Crockford's alphabet: no letter that could be taken for a digit. */
const toLetters = customAlphabet('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 12);

/** The id of a request or an error, short enough to read out to an admin: 60 random bits. */
export function createShortId(): string {
  return `R${toLetters()}`;
}
