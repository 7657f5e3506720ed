import type { Database } from '../../database/database';
import { type Clock, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { isRight, type LogSigner } from '../../runtime/secrets/log-signer';
import { findChainList, holdChainList, saveChainList } from './chain-list-store';
import { findStub, saveStub } from './chain-store';
import { isHeadSigned, listSignedHeads, loadHeads, signHeads } from './head-store';
import { listTeamsToVerify, toSentence, toStubText, type Verification, verifyTeam } from './verify';

/** Held by who signs the log for the first time, in place of every team: nobody adds to the log before that is done. */
const FIRST_SIGNING = 'first signing';

interface Parts {
  database: Database;
  signer: LogSigner;
  clock: Clock;
}

/**
 * Signs the log of a database that was never signed, as it stands. Where it was, says what is wrong with the keys; what
 * was changed is for `verify` to find.
 */
export async function prepareSigning({
  database,
  signer,
  clock,
  logger,
}: Parts & { logger: Logger }): Promise<void> {
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
    // Another instance that started at the same time may have been first.
    if ((await findChainList(tx, signer)) !== undefined) return 0;
    const heads = await listSignedHeads(tx);
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

/** What came of signing the log of a team with the first key. */
export type Signing = { teamId: string } & (
  | { kind: 'signed' | 'was_signed' | 'gone' }
  | { kind: 'refused'; verification: Verification; sentence: string }
);

/**
 * Signs with the first key what any of the keys signed, and, `asItStands`, also what cannot be proved, but no chain that
 * is broken. Answers with what came of each team.
 */
export async function signLog({
  asItStands,
  onProgress,
  ...parts
}: Parts & { asItStands: boolean; onProgress: (entries: number) => void }): Promise<{
  signings: Signing[];
  since: string | undefined;
}> {
  const { database, signer, clock } = parts;
  const list = await findChainList(database.query, signer);
  const isListed = list !== undefined && isRight(list.check);
  const teamIds = await listTeamsToVerify(database.query, list);
  const signings: Signing[] = [];
  for (const teamId of teamIds) signings.push(await signTeam(teamId, { ...parts, asItStands, onProgress }));
  const isWhole = isListed && signings.every(({ kind }) => kind === 'was_signed');
  if (!isWhole && !asItStands) return { signings, since: undefined };
  const since = isWhole ? list.since : toIsoTime(clock.now());
  await database.transact(async (tx) => {
    // First: a team that has its first entry meanwhile puts itself on the list, and must stay there.
    await holdChainList(tx, signer);
    const heads = await listSignedHeads(tx);
    await saveChainList(tx, signer, { teams: [...heads.keys()].sort(), since });
  });
  return { signings, since };
}

async function signTeam(
  teamId: string,
  {
    database,
    signer,
    clock,
    asItStands,
    onProgress,
  }: Parts & { asItStands: boolean; onProgress: (entries: number) => void },
): Promise<Signing> {
  const sign = (provenOnly: boolean, hash?: string) =>
    database.transactTeams([teamId], async (tx) => {
      const head = (await loadHeads(tx, [teamId])).get(teamId);
      const stub = await findStub(tx, teamId);
      if (head === undefined || (hash !== undefined && hash !== head.hash)) return false;
      const isStubRight =
        stub === undefined || isRight(signer.check('chain stub', toStubText(stub), stub.signature));
      if (provenOnly && !(isStubRight && isHeadSigned(signer, teamId, head))) return false;
      await signHeads(tx, signer, new Map([[teamId, head]]));
      if (stub !== undefined) {
        const signature = signer.sign('chain stub', toStubText(stub));
        await saveStub(tx, { ...stub, signature }, toIsoTime(clock.now()));
      }
      return true;
    });
  if (await sign(true)) return { teamId, kind: 'was_signed' };
  const verification = await verifyTeam(teamId, { database, signer, clock, onProgress });
  const { fault, newestHash } = verification;
  const refused = (sentence: string): Signing => ({ teamId, kind: 'refused', verification, sentence });
  if (fault === undefined) return refused('entries came meanwhile: run it again');
  if (!asItStands || !fault.isUnproved) return refused(toSentence(fault));
  if (newestHash === undefined) return { teamId, kind: 'gone' };
  return (await sign(false, newestHash))
    ? { teamId, kind: 'signed' }
    : refused('entries came meanwhile: run it again');
}
