import type { Database } from '../../database/database';
import { type Clock, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { isRight, type LogSigner } from '../../runtime/secrets/log-signer';
import { findChainList, holdChainList, saveChainList } from './chain-list-store';
import { findHead, findStub, isHeadSigned, loadHeads, saveStub, signHeads, toStubText } from './chain-store';
import { listTeamsToVerify, toSentence, type Verification, verifyTeam } from './verify';

/** The lock of the first signing, in place of a team's: one instance at a time signs an unsigned log. */
const FIRST_SIGNING = 'first signing';

interface Parts {
  database: Database;
  signer: LogSigner;
  clock: Clock;
}

/**
 * Signs a log that was never signed, as it stands. Where it was signed, logs what is wrong with the keys; only `verify`
 * looks for changed entries.
 */
export async function prepareSigning(parts: Parts & { logger: Logger }): Promise<void> {
  const { database, signer, clock, logger } = parts;
  const list = await findChainList(database.query, signer);
  if (list !== undefined) {
    if (list.check === 'older')
      logger.warn('the grant log is signed with an older SIGNING_KEY: run scopekeeper sign');
    if (!isRight(list.check)) {
      logger.error(
        'the grant log is not signed with SIGNING_KEY: new entries cannot be proved. Write the old key after the new one, with a comma, or run scopekeeper verify',
      );
    }
    return;
  }
  const teams = await database.transactTeams([FIRST_SIGNING], async (tx) => {
    // Another instance that started at the same time may have signed it.
    if ((await findChainList(tx, signer)) !== undefined) return 0;
    const heads = await loadHeads(tx);
    if ([...heads.values()].some(({ signature }) => signature !== null)) return undefined;
    await signHeads(tx, signer, heads);
    await saveChainList(tx, signer, { teams: [...heads.keys()].sort(), since: toIsoTime(clock.now()) });
    return heads.size;
  });
  if (teams === undefined) {
    logger.error('the signed list of teams is gone: new entries cannot be proved. Run scopekeeper verify');
  } else if (teams > 0) {
    logger.warn({ teams }, 'the grant log was not signed: it is signed now, as it stands');
  }
}

/** The result of signing the log of a team with the first key. */
export type Signing = { teamId: string } & (
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
): Promise<{ signings: Signing[]; since: string | undefined }> {
  const { database, signer, clock, asItStands } = options;
  const list = await findChainList(database.query, signer);
  const isListed = list !== undefined && isRight(list.check);
  const teamIds = await listTeamsToVerify(database.query, list);
  const signings: Signing[] = [];
  for (const teamId of teamIds) signings.push(await signTeam(teamId, options));
  const isWhole = isListed && signings.every(({ kind }) => kind === 'was_signed');
  if (!isWhole && !asItStands) return { signings, since: undefined };
  const since = isWhole ? list.since : toIsoTime(clock.now());
  await database.transact(async (tx) => {
    // Locked first: a team that gets its first entry meanwhile adds itself to the list, and must stay on it.
    await holdChainList(tx, signer);
    const heads = await loadHeads(tx);
    await saveChainList(tx, signer, { teams: [...heads.keys()].sort(), since });
  });
  return { signings, since };
}

async function signTeam(teamId: string, options: SigningOptions): Promise<Signing> {
  const { database, signer, clock, asItStands } = options;
  const sign = (provenOnly: boolean, hash?: string) =>
    database.transactTeams([teamId], async (tx) => {
      const head = await findHead(tx, teamId);
      const stub = await findStub(tx, teamId);
      if (head === undefined || (hash !== undefined && hash !== head.hash)) return false;
      const isStubRight =
        stub === undefined || isRight(signer.check('chain stub', toStubText(stub), stub.signature));
      if (provenOnly && !(isStubRight && isHeadSigned(signer, teamId, head))) return false;
      await signHeads(tx, signer, new Map([[teamId, head]]));
      if (stub !== undefined) await saveStub(tx, signer, stub, toIsoTime(clock.now()));
      return true;
    });
  if (await sign(true)) return { teamId, kind: 'was_signed' };
  const verification = await verifyTeam(teamId, options);
  const { fault, newestHash } = verification;
  const refused = (sentence: string): Signing => ({ teamId, kind: 'refused', verification, sentence });
  if (fault === undefined) return refused('entries came meanwhile: run it again');
  if (!asItStands || !fault.isUnproved) return refused(toSentence(fault));
  if (newestHash === undefined) return { teamId, kind: 'gone' };
  return (await sign(false, newestHash))
    ? { teamId, kind: 'signed' }
    : refused('entries came meanwhile: run it again');
}
