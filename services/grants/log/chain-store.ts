import { sql } from 'kysely';
import type { Queryable } from '../../database/schema';
import type { ChainedContent } from './chain';
import type { SignedHead } from './head-store';

/** The `seq` of the newest entry of each team. Within a team entries become visible in the order of `seq`; between teams they need not. */
export type Heads = ReadonlyMap<string, number>;

/** The newest entry of each team. */
export async function listHeads(db: Queryable): Promise<Heads> {
  const rows = await db.selectFrom('chains').select(['team_id', 'seq']).execute();
  return new Map(rows.map((row) => [row.team_id, row.seq]));
}

/** A place in a chain: of its newest entry, or of the last one that was deleted by age. */
export interface ChainPlace {
  teamSeq: number;
  seq: number;
  hash: string;
}

export async function findHead(
  db: Queryable,
  teamId: string,
): Promise<(ChainPlace & SignedHead) | undefined> {
  const row = await db.selectFrom('chains').selectAll().where('team_id', '=', teamId).executeTakeFirst();
  if (row === undefined) return undefined;
  const { team_seq: teamSeq, seq, hash, signed_team_seq: signedTeamSeq, signature } = row;
  return { teamSeq, seq, hash, signedTeamSeq, signature };
}

/** What stands for the entries of a team that were deleted by age. */
export interface ChainStub extends ChainPlace {
  teamId: string;
  /** Everything before this time was deleted: ISO 8601, UTC. */
  until: string;
  signature: string;
}

export async function findStub(db: Queryable, teamId: string): Promise<ChainStub | undefined> {
  const row = await db.selectFrom('chain_stubs').selectAll().where('team_id', '=', teamId).executeTakeFirst();
  if (row === undefined) return undefined;
  const { team_seq: teamSeq, seq, hash, until, signature } = row;
  return { teamId, teamSeq, seq, hash, until, signature };
}

export async function saveStub(db: Queryable, stub: ChainStub, madeAt: string): Promise<void> {
  const row = {
    team_id: stub.teamId,
    team_seq: stub.teamSeq,
    seq: stub.seq,
    hash: stub.hash,
    until: stub.until,
    made_at: madeAt,
    signature: stub.signature,
  };
  await db
    .insertInto('chain_stubs')
    .values(row)
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet(row))
    .execute();
}

/** An entry as the chain has it. */
export interface ChainedRow extends ChainedContent {
  seq: number;
  team_seq: number | null;
  hash: string | null;
}

/** The next entries of a team after a `seq`, in the order of the log. */
export async function listChain(
  db: Queryable,
  { teamId, after, limit }: { teamId: string; after: number; limit: number },
): Promise<ChainedRow[]> {
  return db
    .selectFrom('grant_log')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** Every team of which there is or was an entry, without a look at the log, which may be long. */
export async function listChainedTeams(db: Queryable): Promise<string[]> {
  const { rows } = await sql<{ team_id: string }>`
    select team_id from chains union select team_id from chain_stubs order by team_id`.execute(db);
  return rows.map((row) => row.team_id);
}

/** The teams of all entries, also of those that somebody put in with no chain. Reads the whole log. */
export async function listLoggedTeams(db: Queryable): Promise<string[]> {
  const rows = await db.selectFrom('grant_log').select('team_id').distinct().execute();
  return rows.map((row) => row.team_id);
}

/** Keeps how the walk along a chain ended, for admins to see. */
export async function saveVerification(
  db: Queryable,
  { teamId, at, seq, fault }: { teamId: string; at: string; seq: number; fault: string | undefined },
): Promise<void> {
  await db
    .updateTable('chains')
    .set({ verified_at: at, verified_seq: seq, verified_fault: fault ?? null })
    .where('team_id', '=', teamId)
    .execute();
}

/** The last of the team's entries before a time that may be deleted in one transaction. */
export async function findLastOld(
  db: Queryable,
  { teamId, before, limit }: { teamId: string; before: string; limit: number },
): Promise<ChainedRow | undefined> {
  const oldest = await listChain(db, { teamId, after: 0, limit });
  // Up to the first that has to stay, should times not grow with the log: none but the old end is taken.
  const firstKept = oldest.findIndex(({ at }) => at >= before);
  return oldest[(firstKept === -1 ? oldest.length : firstKept) - 1];
}

/** Deletes the entries of a team up to a `seq`, with what finds them. */
export async function deleteOldEntries(
  db: Queryable,
  { teamId, upTo }: { teamId: string; upTo: number },
): Promise<number> {
  const old = sql`select seq from grant_log where team_id = ${teamId} and seq <= ${upTo}`;
  await sql`delete from log_scopes where seq in (${old})`.execute(db);
  await sql`delete from log_words where seq in (${old})`.execute(db);
  const { numAffectedRows } = await sql`
    delete from grant_log where team_id = ${teamId} and seq <= ${upTo}`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
