import { InvalidArgumentError } from 'commander';
import { loadSigningKeys, readEnvironment } from '../services/config/config';
import { findChainList } from '../services/grants/log/chain-list-store';
import {
  findListFault,
  listTeamsToVerify,
  toFaultText,
  type Verification,
  verifyChain,
} from '../services/grants/log/verify';
import { systemClock } from '../services/runtime/clock';
import { createLogSigner } from '../services/runtime/secrets/log-signer';
import { withDatabase } from './database';
import { createProgressLine, fail, toCount } from './output';

interface VerifyOptions {
  team?: string;
  noted?: string;
}

/** `scopekeeper verify`: exit code 0 where every chain holds and is signed, and no team is missing. */
export async function runVerify({ team, noted }: VerifyOptions): Promise<void> {
  const signer = createLogSigner(loadSigningKeys(readEnvironment()));
  const line = createProgressLine();
  await withDatabase(async (database) => {
    const list = await findChainList(database.query, signer);
    const teams = team === undefined ? await listTeamsToVerify(database.query, list) : [team];
    if (noted !== undefined && teams.length > 1) {
      return fail(`A hash is of one team: name it with --team (${teams.join(', ')}).`);
    }
    for (const teamId of teams) {
      const onProgress = (entries: number) => line.show(`${teamId}: ${toCount(entries, 'entry', 'entries')}`);
      const verifying = verifyChain(teamId, { database, signer, clock: systemClock, noted, onProgress });
      report(await verifying.finally(line.clear));
    }
    if (teams.length === 0) process.stdout.write('The grant log is empty: there is nothing to verify.\n');
    const fault = findListFault(list);
    if (fault !== undefined) fail(fault);
    else process.stdout.write(`Signed since ${list?.since}: older entries are proved as they stood then.\n`);
  });
}

function report({ teamId, entries, newestHash, fault }: Verification): void {
  const count = toCount(entries, 'entry', 'entries');
  if (fault === undefined) {
    process.stdout.write(`${teamId}: ${count} verified. Newest hash: ${newestHash ?? 'none'}\n`);
  } else if (fault.isUnproven) {
    const holds = entries === 0 ? '' : `, though its ${count} hold together`;
    fail(`${teamId}: not proved${holds}. ${toFaultText(fault)}.`);
  } else fail(`${teamId}: broken after ${count}. ${toFaultText(fault)}.`);
}

export function toHash(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('Write the 64 hex digits of a hash.');
  return text.toLowerCase();
}
