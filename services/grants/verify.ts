import { type Clock, toIsoTime } from '../clock';
import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import type { Signer } from '../secrets/signer';
import { CHAIN_START, toEntryHash } from './chain';
import {
  type ChainedRow,
  type ChainPlace,
  type ChainStub,
  findHead,
  findStub,
  listChain,
  saveVerification,
} from './chain-store';

/** What a walk along the chain of a team came to. */
export interface Verification {
  teamId: string;
  /** How many entries were looked at. */
  entries: number;
  /** The newest hash, to be noted elsewhere; undefined where there is no entry. */
  newestHash: string | undefined;
  /** Where the chain breaks first, and how; undefined: nowhere. */
  fault: ChainFault | undefined;
}

export interface ChainFault {
  /** The first entry at fault; undefined where it is missing at the end. */
  seq: number | undefined;
  what: string;
}

const PAGE = 1_000;

/** What a stub's signature covers. */
export function toStubText({ teamId, teamSeq, seq, hash, until }: Omit<ChainStub, 'signature'>): string {
  return JSON.stringify([teamId, teamSeq, seq, hash, until]);
}

/**
 * Walks the entries of a team from the oldest to the newest, and says where the first of them is that was changed, removed,
 * put in, or swapped. `noted` is a hash that was noted elsewhere: it has to stand in the chain, so that a chain which
 * somebody cut off at its end, or made anew, is found out too.
 */
export async function verifyTeam(
  teamId: string,
  {
    database,
    signer,
    clock,
    noted,
    onProgress,
  }: {
    database: Database;
    signer: Signer;
    clock: Clock;
    noted?: string | undefined;
    onProgress: (entries: number) => void;
  },
): Promise<Verification> {
  const { query } = database;
  const stub = await findStub(query, teamId);
  const walk = await walkChain(query, teamId, { stub, noted, onProgress });
  const isStubForged = stub !== undefined && !signer.isSigned('chain stub', toStubText(stub), stub.signature);
  const fault = isStubForged ? stubFault : (walk.fault ?? findMissing(walk, noted));
  const at = toIsoTime(clock.now());
  await database.transact((tx) =>
    saveVerification(tx, { teamId, at, seq: walk.last.seq, fault: fault && toSentence(fault) }),
  );
  return { teamId, entries: walk.entries, newestHash: walk.last.hash || undefined, fault };
}

export function toSentence({ seq, what }: ChainFault): string {
  return seq === undefined ? what : `entry ${seq}: ${what}`;
}

interface Walk {
  entries: number;
  /** The last place that holds. */
  last: ChainPlace;
  /** The newest entry, by what is kept beside the log. */
  head: ChainPlace | undefined;
  hasNoted: boolean;
  fault: ChainFault | undefined;
}

async function walkChain(
  query: Queryable,
  teamId: string,
  {
    stub,
    noted,
    onProgress,
  }: {
    stub: ChainStub | undefined;
    noted: string | undefined;
    onProgress: (entries: number) => void;
  },
): Promise<Walk> {
  const start: ChainPlace = stub ?? { teamSeq: 0, seq: 0, hash: CHAIN_START };
  const walk: Walk = {
    entries: 0,
    last: start,
    head: undefined,
    hasNoted: start.hash === noted,
    fault: undefined,
  };
  let after = 0;
  for (;;) {
    const rows = await listChain(query, { teamId, after, limit: PAGE });
    for (const row of rows) {
      walk.entries += 1;
      walk.fault = findFault(walk.last, row);
      if (walk.fault !== undefined) return walk;
      walk.last = { teamSeq: walk.last.teamSeq + 1, seq: row.seq, hash: row.hash ?? '' };
      if (row.hash === noted) walk.hasNoted = true;
    }
    onProgress(walk.entries);
    const lastSeq = rows.at(-1)?.seq;
    if (lastSeq !== undefined) after = lastSeq;
    else {
      const head = await findHead(query, teamId);
      // What was written since the last page is still to be read: once, if it is there.
      if (head === undefined || head.seq <= after || head.seq === walk.head?.seq) return { ...walk, head };
      walk.head = head;
    }
  }
}

function findFault(before: ChainPlace, row: ChainedRow): ChainFault | undefined {
  const { seq, team_seq: teamSeq, hash } = row;
  const expected = before.teamSeq + 1;
  if (teamSeq === null || hash === null) return { seq, what: 'it was put in: it is not chained' };
  if (teamSeq > expected)
    return { seq, what: `${teamSeq - expected} before it removed, or it was moved here` };
  if (teamSeq < expected) return { seq, what: 'it was put in or moved here: its place is taken' };
  if (toEntryHash(before.hash, expected, row) !== hash) {
    return { seq, what: 'it was changed, or put in the place of another' };
  }
  return undefined;
}

/** What was cut off at the end. */
function findMissing({ last, head, hasNoted }: Walk, noted: string | undefined): ChainFault | undefined {
  if (head !== undefined && head.teamSeq > last.teamSeq) {
    return { seq: undefined, what: `entries are missing after ${last.seq}: the newest was ${head.seq}` };
  }
  if (head !== undefined && head.hash !== last.hash) {
    return { seq: last.seq, what: `it was put in at the end: the newest was ${head.seq}` };
  }
  if (head === undefined && last.teamSeq > 0)
    return { seq: undefined, what: 'the end of the chain is not known' };
  if (noted !== undefined && !hasNoted) {
    return {
      seq: undefined,
      what: 'the hash that was noted stands nowhere in it: entries were removed or made anew',
    };
  }
  return undefined;
}

const stubFault: ChainFault = {
  seq: undefined,
  what: 'the stub of the deleted days is not signed with SIGNING_KEY: it was changed, or the key was',
};
