import { loadSigningKeys, readEnvironment } from '../services/config/config';
import { type SigningResult, signLog } from '../services/grants/log/signing';
import { systemClock } from '../services/runtime/clock';
import { createLogSigner } from '../services/runtime/secrets/log-signer';
import { withDatabase } from './database';
import { createProgressLine, fail, toCount } from './output';

/** `scopekeeper sign`: exit code 0 where the whole log is now signed with the first key. */
export async function runSign({ asItStands = false }: { asItStands?: boolean }): Promise<void> {
  const signer = createLogSigner(loadSigningKeys(readEnvironment()));
  const clock = systemClock;
  const line = createProgressLine();
  const onProgress = (entries: number) => line.show(toCount(entries, 'entry', 'entries'));
  await withDatabase(async (database) => {
    const signed = signLog({ database, signer, clock, asItStands, onProgress });
    const { signings, since } = await signed.finally(line.clear);
    for (const signing of signings) report(signing);
    if (since === undefined) {
      fail(
        'The log is not signed anew as a whole. To take what holds together as it stands, run sign --as-it-stands.',
      );
    } else {
      process.stdout.write(`Signed since ${since}. Older keys are no longer needed, but for backups.\n`);
    }
  });
}

function report(signing: SigningResult): void {
  const { teamId } = signing;
  if (signing.kind === 'refused') fail(`${teamId}: not signed anew. ${signing.sentence}.`);
  else process.stdout.write(`${teamId}: ${RESULT_TEXTS[signing.kind]}\n`);
}

const RESULT_TEXTS = {
  was_signed: 'signed anew.',
  signed: 'could not be proved. Signed as it stands.',
  gone: 'all of its entries are gone. It is no longer on the list.',
};
