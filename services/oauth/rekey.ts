import type { Database } from '../database/database';
import type { Cipher } from '../runtime/secrets/cipher';
import { listTokensOfOtherKeys, replaceToken } from './token-store';
import { createVault } from './vault';

const BATCH = 100;

/**
 * Encrypts with the current key what other keys encrypted; returns the count. Each token is a transaction of its own, so an
 * interrupted run can be repeated. Throws a `SecretError` at a token that no key can read.
 */
export async function rekey({
  database,
  cipher,
  onProgress,
}: {
  database: Database;
  cipher: Cipher;
  onProgress: (count: number) => void;
}): Promise<number> {
  const vault = createVault(cipher);
  const page = { keyId: cipher.currentKeyId, limit: BATCH };
  let count = 0;
  for (;;) {
    const others = await listTokensOfOtherKeys(database.query, page);
    if (others.length === 0) return count;
    for (const sealed of others) {
      const renewed = vault.seal(sealed.key, vault.open(sealed));
      // False where the app has replaced the token meanwhile: the next page has it if it needs the new key.
      if (await database.transact((tx) => replaceToken(tx, sealed, renewed))) count += 1;
      onProgress(count);
    }
  }
}
