import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SecretError } from '../errors';
import type { EncryptionKey } from './keys';

const ALGORITHM = 'aes-256-gcm';
/** As NIST SP 800-38D recommends for GCM. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Every encrypted text begins with its key's id. */
export const KEY_ID_LENGTH = 8;

export type Cipher = ReturnType<typeof createCipher>;

/** Encrypts with AES-256-GCM for the database. The first key encrypts; all of them decrypt. */
export function createCipher(keys: readonly EncryptionKey[]) {
  const [current] = keys;
  if (current === undefined) throw new SecretError('There is no key to encrypt with.');
  const byId = new Map(keys.map((key) => [key.id, key]));
  return {
    /** `associatedData` names the row: a text that was encrypted for one row cannot be decrypted in another. */
    seal(plain: string, associatedData: string): string {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, current.bytes, iv).setAAD(Buffer.from(associatedData));
      const bytes = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${current.id}.${bytes.toString('base64url')}`;
    },
    /** Throws a `SecretError` where no key fits, or the text was changed or moved. */
    open(sealed: string, associatedData: string): string {
      const [id = '', text = ''] = sealed.split('.');
      const key = byId.get(id);
      if (key === undefined) {
        throw new SecretError(
          `A token was encrypted with the key ${id}, which TOKEN_ENCRYPTION_KEY does not contain: append that key to it, separated by a comma.`,
        );
      }
      const bytes = Buffer.from(text, 'base64url');
      const tag = bytes.subarray(-TAG_BYTES);
      try {
        const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(associatedData)).setAuthTag(tag);
        const plain = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
        return Buffer.concat([plain, decipher.final()]).toString('utf8');
      } catch (error) {
        throw new SecretError(
          'A token in the database was changed, or moved to another row: install the app, or grant the permissions, again.',
          { cause: error },
        );
      }
    },
    /** The id of the key that encrypts. */
    currentKeyId: current.id,
    /** Whether one of the keys has this id. */
    hasKey: (keyId: string): boolean => byId.has(keyId),
  };
}
