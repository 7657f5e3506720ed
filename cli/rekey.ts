import { loadDatabaseConfig, loadEncryptionKeys, readEnvironment } from '../services/config/config';
import { openDatabase } from '../services/database/database';
import { rekey } from '../services/oauth/rekey';
import { systemClock } from '../services/runtime/clock';
import { createCipher } from '../services/runtime/secrets/cipher';
import { createProgressLine, toCount } from './output';

/** `scopekeeper rekey`: exit code 0 where every token is now encrypted with the first key. */
export async function runRekey(): Promise<void> {
  const environment = readEnvironment();
  const cipher = createCipher(loadEncryptionKeys(environment));
  const config = loadDatabaseConfig(environment);
  const database = await openDatabase({ config, clock: systemClock, mustExist: true });
  const line = createProgressLine();
  try {
    const count = await rekey({
      database,
      cipher,
      onProgress: (done) => line.show(toCount(done, 'token')),
    });
    process.stdout.write(
      `${toCount(count, 'token')} encrypted anew. Every token is encrypted with the key ${cipher.currentKeyId}: older keys are no longer needed.\n`,
    );
  } finally {
    line.clear();
    await database.close();
  }
}
