import { loadEncryptionKeys, readEnvironment } from '../services/config/config';
import { rekey } from '../services/oauth/rekey';
import { createCipher } from '../services/runtime/secrets/cipher';
import { withDatabase } from './database';
import { createProgressLine, toCount } from './output';

/** `scopekeeper rekey`: exit code 0 where every token is now encrypted with the first key. */
export async function runRekey(): Promise<void> {
  const cipher = createCipher(loadEncryptionKeys(readEnvironment()));
  const line = createProgressLine();
  await withDatabase(async (database) => {
    const onProgress = (done: number) => line.show(toCount(done, 'token'));
    const count = await rekey({ database, cipher, onProgress }).finally(line.clear);
    process.stdout.write(
      `${toCount(count, 'token')} encrypted anew. Every token is encrypted with the key ${cipher.currentKeyId}: older keys are no longer needed.\n`,
    );
  });
}
