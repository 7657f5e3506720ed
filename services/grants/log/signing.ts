import type { Database } from '../../database/database';
import { type Clock, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { isValidSignature, type LogSigner } from '../../runtime/secrets/log-signer';
import { findChainList, lockChainList, saveChainList } from './chain-list-store';
import { findHead, findStub, isHeadSigned, loadHeads, saveStub, signHeads, toStubText } from './chain-store';
import { listTeamsToVerify, toFaultText, type Verification, verifyChain } from './verify';

/** The lock of the first signing, in place of a team's: one instance at a time signs an unsigned log. */
const FIRST_SIGNING_LOCK = 'first signing';

interface Parts {
  database: Database;
  signer: LogSigner;
  clock: Clock;
}

/**
 * Signs a log that was never signed, as it stands. Where it was signed, logs what is wrong with the keys; only `verify`
 * looks for changed entries.
 */
export async function signUnsignedLog(parts: Parts & { logger: Logger }): Promise<void> {
  const { database, signer, clock, logger } = parts;
  const list = await findChainList(database.query, signer);
  if (list !== undefined) {
    if (list.check === 'older')
      logger.warn('the grant log is signed with an older SIGNING_KEY: run scopekeeper sign');
    if (!isValidSignature(list.check)) {
      logger.error(
        'the grant log is not signed with SIGNING_KEY: new entries cannot be verified. Add the old key after the new one, separated by a comma, or run scopekeeper verify',
      );
    }
    return;
  }
  const teams = await database.transactTeams([FIRST_SIGNING_LOCK], async (tx) => {
    // Another instance that started at the same time may have signed it.
    if ((await findChainList(tx, signer)) !== undefined) return 0;
    const heads = await loadHeads(tx);
    if ([...heads.values()].some(({ signature }) => signature !== null)) return undefined;
    await signHeads(tx, signer, heads);
    await saveChainList(tx, signer, { teams: [...heads.keys()].sort(), since: toIsoTime(clock.now()) });
    return heads.size;
  });
  if (teams === undefined) {
    logger.error(
      'the signed list of teams is missing: new entries cannot be verified. Run scopekeeper verify',
    );
  } else if (teams > 0) {
    logger.warn({ teams }, 'the grant log was unsigned: signed its current state');
  }
}

/** The result of signing the log of a team with the first key. */
export type SigningResult = { teamId: string } & (
  | { kind: 'signed' | 'was_signed' | 'gone' }
  | { kind: 'refused'; verification: Verification; sentence: string }
);

type SigningOptions = Parts & { asItStands: boolean; onProgress: (entries: number) => void };

/**
 * Signs with the first key every chain that any of the keys signed; with `asItStands`, also chains that cannot be proved,
 * but never a broken one. `since` is undefined where the log as a whole could not be signed.
 */
export async function signLog(
  options: SigningOptions,
): Promise<{ signings: SigningResult[]; since: string | undefined }> {
  const { database, signer, clock, asItStands } = options;
  const list = await findChainList(database.query, signer);
  const isListed = list !== undefined && isValidSignature(list.check);
  const teamIds = await listTeamsToVerify(database.query, list);
  const signings: SigningResult[] = [];
  for (const teamId of teamIds) signings.push(await signTeam(teamId, options));
  const isWhole = isListed && signings.every(({ kind }) => kind === 'was_signed');
  if (!isWhole && !asItStands) return { signings, since: undefined };
  const since = isWhole ? list.since : toIsoTime(clock.now());
  await database.transact(async (tx) => {
    // Locked first: a team that gets its first entry meanwhile adds itself to the list, and must stay on it.
    await lockChainList(tx, signer);
    const heads = await loadHeads(tx);
    await saveChainList(tx, signer, { teams: [...heads.keys()].sort(), since });
  });
  return { signings, since };
}

async function signTeam(teamId: string, options: SigningOptions): Promise<SigningResult> {
  const { database, signer, clock, asItStands } = options;
  const sign = (provenOnly: boolean, hash?: string) =>
    database.transactTeams([teamId], async (tx) => {
      const head = await findHead(tx, teamId);
      const stub = await findStub(tx, teamId);
      if (head === undefined || (hash !== undefined && hash !== head.hash)) return false;
      const isStubRight =
        stub === undefined || isValidSignature(signer.check('chain stub', toStubText(stub), stub.signature));
      if (provenOnly && !(isStubRight && isHeadSigned(signer, teamId, head))) return false;
      await signHeads(tx, signer, new Map([[teamId, head]]));
      if (stub !== undefined) await saveStub(tx, signer, stub, toIsoTime(clock.now()));
      return true;
    });
  if (await sign(true)) return { teamId, kind: 'was_signed' };
  const verification = await verifyChain(teamId, options);
  const { fault, newestHash } = verification;
  const refused = (sentence: string): SigningResult => ({ teamId, kind: 'refused', verification, sentence });
  if (fault === undefined) return refused('entries came meanwhile: run it again');
  if (!asItStands || !fault.isUnproven) return refused(toFaultText(fault));
  if (newestHash === undefined) return { teamId, kind: 'gone' };
  return (await sign(false, newestHash))
    ? { teamId, kind: 'signed' }
    : refused('entries came meanwhile: run it again');
}
