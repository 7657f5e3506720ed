import type { Database } from '../../database/database';
import type { Queryable, TableRow } from '../../database/schema';
import { type Clock, toIsoTime } from '../../runtime/clock';
import { isValidSignature, type LogSigner, type SignatureCheck } from '../../runtime/secrets/log-signer';
import { CHAIN_START, toEntryHash } from './chain';
import { type CheckedChainList, findChainList } from './chain-list-store';
import {
  type ChainPosition,
  type ChainStub,
  findHead,
  findStub,
  listChain,
  listChainedTeams,
  listLoggedTeams,
  type SignedHead,
  saveVerification,
  toHeadText,
  toStubText,
} from './chain-store';

/** The result of walking a team's chain. */
export interface Verification {
  teamId: string;
  /** The number of entries that were read. */
  entries: number;
  /** The newest hash, to be noted elsewhere; undefined where there is no entry. */
  newestHash: string | undefined;
  /** The first fault; undefined: none. */
  fault: ChainFault | undefined;
}

export interface ChainFault {
  /** The first entry at fault; undefined where it is missing at the end. */
  seq: number | undefined;
  description: string;
  /** The entries form a chain, but nothing proves that the app wrote them. */
  isUnproven?: true;
}

const PAGE_SIZE = 1_000;

interface Options {
  database: Database;
  signer: LogSigner;
  clock: Clock;
  /** A hash that was noted elsewhere and must be in the chain: so a chain that was cut at its end, or rebuilt with the key, is found too. */
  noted?: string | undefined;
  onProgress: (entries: number) => void;
}

/** Walks a team's entries from the oldest to the newest, and finds the first that was changed, removed, inserted or swapped. */
export async function verifyChain(teamId: string, options: Options): Promise<Verification> {
  const { database, signer, clock, noted } = options;
  const { query } = database;
  const list = await findChainList(query, signer);
  const stub = await findStub(query, teamId);
  const walk = await walkChain(query, teamId, stub, options);
  let fault = walk.fault ?? findMissing(walk, noted);
  if (fault === undefined) {
    const description = findUnproven(teamId, walk, stub, list, signer);
    if (description !== undefined) fault = { seq: undefined, description, isUnproven: true };
  }
  const at = toIsoTime(clock.now());
  await database.transact((tx) =>
    saveVerification(tx, { teamId, at, seq: walk.last.seq, fault: fault && toFaultText(fault) }),
  );
  return { teamId, entries: walk.entries, newestHash: walk.last.hash || undefined, fault };
}

export function toFaultText({ seq, description }: ChainFault): string {
  return seq === undefined ? description : `entry ${seq}: ${description}`;
}

interface ChainWalk {
  entries: number;
  /** The last entry that is right. */
  last: ChainPosition;
  /** The newest entry, according to the table `chains`. */
  head: SignedHead | undefined;
  containsNotedHash: boolean;
  fault: ChainFault | undefined;
}

async function walkChain(
  query: Queryable,
  teamId: string,
  stub: ChainStub | undefined,
  { noted, onProgress }: Pick<Options, 'noted' | 'onProgress'>,
): Promise<ChainWalk> {
  const last: ChainPosition = stub ?? { seq: 0, ...CHAIN_START };
  const walk: ChainWalk = {
    entries: 0,
    last,
    head: undefined,
    containsNotedHash: last.hash === noted,
    fault: undefined,
  };
  let after = 0;
  for (;;) {
    const rows = await listChain(query, { teamId, after, limit: PAGE_SIZE });
    for (const row of rows) {
      walk.entries += 1;
      walk.fault = findFault(walk.last, row);
      if (walk.fault !== undefined) return walk;
      walk.last = { teamSeq: walk.last.teamSeq + 1, seq: row.seq, hash: row.hash ?? '' };
      if (row.hash === noted) walk.containsNotedHash = true;
    }
    onProgress(walk.entries);
    const lastSeq = rows.at(-1)?.seq;
    if (lastSeq !== undefined) after = lastSeq;
    else {
      const head = await findHead(query, teamId);
      // Entries may have been written since the last page: read on, unless the head is the same as last time.
      if (head === undefined || head.seq <= after || head.seq === walk.head?.seq) return { ...walk, head };
      walk.head = head;
    }
  }
}

function findFault(before: ChainPosition, row: TableRow<'grant_log'>): ChainFault | undefined {
  const { seq, team_seq: teamSeq, hash } = row;
  const expected = before.teamSeq + 1;
  if (teamSeq === null || hash === null) return { seq, description: 'it was put in: it is not chained' };
  if (teamSeq > expected)
    return { seq, description: `${teamSeq - expected} before it removed, or it was moved here` };
  if (teamSeq < expected) return { seq, description: 'it was put in or moved here: its place is taken' };
  if (toEntryHash(before.hash, expected, row) !== hash) {
    return { seq, description: 'it was changed, or put in the place of another' };
  }
  return undefined;
}

/** Finds entries that are missing at the end. */
function findMissing(
  { last, head, containsNotedHash }: ChainWalk,
  noted: string | undefined,
): ChainFault | undefined {
  if (head !== undefined && head.teamSeq > last.teamSeq)
    return {
      seq: undefined,
      description: `entries are missing after ${last.seq}: the newest was ${head.seq}`,
    };
  if (head !== undefined && head.hash !== last.hash)
    return { seq: last.seq, description: `it was put in at the end: the newest was ${head.seq}` };
  if (head === undefined && last.teamSeq > 0)
    return { seq: undefined, description: 'the end of the chain is not known' };
  if (noted === undefined || containsNotedHash) return undefined;
  const description = 'the hash that was noted stands nowhere in it: entries were removed or made anew';
  return { seq: undefined, description };
}

/** Checks the signatures of a chain without a fault: they prove that the app wrote it. Returns what is not proved. */
function findUnproven(
  teamId: string,
  { head, entries }: ChainWalk,
  stub: ChainStub | undefined,
  list: CheckedChainList | undefined,
  signer: LogSigner,
): string | undefined {
  const isListed =
    list !== undefined && isValidSignature(list.check) ? list.teams.includes(teamId) : undefined;
  if (head === undefined && entries === 0)
    return isListed ? 'All of its entries are gone: the signed list of teams names it' : undefined;
  if (isListed === false)
    return 'the signed list of teams does not name it: it was put in, or the list is an older one';
  const stubCheck = stub && signer.check('chain stub', toStubText(stub), stub.signature);
  if (stubCheck !== undefined && !isValidSignature(stubCheck))
    return `the stub of the deleted days is not signed with SIGNING_KEY: ${toKeyAdvice(stubCheck)}`;
  if (head === undefined) return undefined;
  const { teamSeq, signedTeamSeq, signature } = head;
  if (signedTeamSeq !== null && signedTeamSeq !== teamSeq)
    return `${teamSeq - signedTeamSeq} of its entries are not signed, from the ${signedTeamSeq + 1}th on: they were written while the app had another SIGNING_KEY, or by somebody without it`;
  const check = signer.check('chain head', toHeadText(teamId, head), signature);
  if (isValidSignature(check)) return undefined;
  if (signature === null)
    return 'it is not signed: the app has not been started since it can sign, or somebody made it anew';
  return `its newest entry is not signed with SIGNING_KEY: ${toKeyAdvice(check)}`;
}

function toKeyAdvice(check: SignatureCheck): string {
  return check === 'other_key'
    ? 'if you changed the key, write the old one after the new one, with a comma, and run scopekeeper sign; if you did not, somebody rewrote it'
    : 'somebody rewrote it, or it was signed with another key by an older version';
}

/** What is wrong with the list of teams; undefined: nothing. */
export function findListFault(list: CheckedChainList | undefined): string | undefined {
  if (list === undefined) {
    return 'The log is not signed: start the app once, which signs it as it stands. If it was started with this version before, somebody took the signatures away.';
  }
  if (isValidSignature(list.check)) return undefined;
  return `The list of teams is not signed with SIGNING_KEY: ${toKeyAdvice(list.check)}.`;
}

/** Every team that has or had entries, or is on the list. */
export async function listTeamsToVerify(
  query: Queryable,
  list: CheckedChainList | undefined,
): Promise<string[]> {
  const teams = [...(await listChainedTeams(query)), ...(await listLoggedTeams(query))];
  return [...new Set([...teams, ...(list?.teams ?? [])])].sort();
}
