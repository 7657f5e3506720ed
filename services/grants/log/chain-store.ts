import { sql } from 'kysely';
import { jsonRows } from '../../database/json-rows';
import type { Queryable, TableRow } from '../../database/schema';
import { findSigner } from '../../database/transaction-signer';
import { isValidSignature, type LogSigner } from '../../runtime/secrets/log-signer';
import { addToChainList } from './chain-list-store';

/** Keeps each statement short, however many teams there are. */
const HEAD_BATCH_SIZE = 1_000;

/** The `seq` of each team's newest entry. Entries become visible in the order of `seq` within a team, but not across teams. */
export type HeadSeqs = ReadonlyMap<string, number>;

export async function listHeads(db: Queryable): Promise<HeadSeqs> {
  const rows = await db.selectFrom('chains').select(['team_id', 'seq']).execute();
  return new Map(rows.map((row) => [row.team_id, row.seq]));
}

/** A place in a chain: of its newest entry, or of the last entry that was deleted by age. */
export interface ChainPosition {
  teamSeq: number;
  seq: number;
  hash: string;
}

/** The end of a team's chain. */
export interface SignedHead extends ChainPosition {
  /** The entry that `signature` covers: the newest one, unless something is wrong. */
  signedTeamSeq: number | null;
  signature: string | null;
}

/** The part of a head that its signature covers. */
export type Head = Pick<ChainPosition, 'teamSeq' | 'hash'>;

export function toHeadText(teamId: string, { teamSeq, hash }: Head): string {
  return JSON.stringify([teamId, teamSeq, hash]);
}

/** The heads of these teams; without `teamIds`, of all. */
export async function loadHeads(
  db: Queryable,
  teamIds?: readonly string[],
): Promise<Map<string, SignedHead>> {
  const ids = teamIds?.map((team_id) => ({ team_id }));
  const chains = ids
    ? sql`${jsonRows(db, { team_id: 'text' }, ids)} as r join chains on chains.team_id = r.team_id`
    : sql`chains`;
  const { rows } = await sql<Pick<TableRow<'chains'>, keyof typeof HEAD_COLUMNS>>`
    select chains.team_id, chains.team_seq, chains.seq, chains.hash, chains.signed_team_seq, chains.signature
    from ${chains}`.execute(db);
  return new Map(
    rows.map(({ team_id, team_seq: teamSeq, signed_team_seq: signedTeamSeq, ...row }) => {
      return [team_id, { teamSeq, signedTeamSeq, ...row }];
    }),
  );
}

export async function findHead(db: Queryable, teamId: string): Promise<SignedHead | undefined> {
  return (await loadHeads(db, [teamId])).get(teamId);
}

/** Whether the head was written by a holder of one of our keys. */
export function isHeadSigned(signer: LogSigner, teamId: string, head: SignedHead): boolean {
  if (head.signedTeamSeq !== head.teamSeq) return false;
  return isValidSignature(signer.check('chain head', toHeadText(teamId, head), head.signature));
}

/**
 * Writes the new heads of these teams. A head is signed only where the one before it was: otherwise an entry that was
 * inserted without the key would be signed along with the next one.
 */
export async function saveHeads(
  db: Queryable,
  before: ReadonlyMap<string, SignedHead>,
  newest: readonly (ChainPosition & { teamId: string })[],
): Promise<void> {
  const signer = findSigner(db);
  const begun = newest.flatMap(({ teamId }) => (before.has(teamId) ? [] : [teamId]));
  const added = signer && begun.length > 0 ? await addToChainList(db, signer, begun) : new Set<string>();
  const rows = newest.map(({ teamId, ...head }) => {
    const last = before.get(teamId);
    const isSignedBefore =
      signer !== undefined && (last === undefined ? added.has(teamId) : isHeadSigned(signer, teamId, last));
    return {
      team_id: teamId,
      team_seq: head.teamSeq,
      seq: head.seq,
      hash: head.hash,
      signed_team_seq: isSignedBefore ? head.teamSeq : (last?.signedTeamSeq ?? null),
      signature: isSignedBefore
        ? signer.sign('chain head', toHeadText(teamId, head))
        : (last?.signature ?? null),
    };
  });
  const names = sql.join(Object.keys(HEAD_COLUMNS).map((name) => sql.ref(name)));
  await sql`
    insert into chains (${names}) select ${names} from ${jsonRows(db, HEAD_COLUMNS, rows)} as r where true
    on conflict (team_id) do update set team_seq = excluded.team_seq, seq = excluded.seq, hash = excluded.hash,
      signed_team_seq = excluded.signed_team_seq, signature = excluded.signature`.execute(db);
}

const HEAD_COLUMNS = {
  team_id: 'text',
  team_seq: 'bigint',
  seq: 'bigint',
  hash: 'text',
  signed_team_seq: 'bigint',
  signature: 'text',
} as const;

export async function signHeads(
  db: Queryable,
  signer: LogSigner,
  heads: ReadonlyMap<string, Head>,
): Promise<void> {
  const rows = [...heads].map(([teamId, head]) => ({
    team_id: teamId,
    signed_team_seq: head.teamSeq,
    signature: signer.sign('chain head', toHeadText(teamId, head)),
  }));
  const columns = { team_id: 'text', signed_team_seq: 'bigint', signature: 'text' } as const;
  for (let from = 0; from < rows.length; from += HEAD_BATCH_SIZE) {
    const signed = jsonRows(db, columns, rows.slice(from, from + HEAD_BATCH_SIZE));
    await sql`update chains set signed_team_seq = r.signed_team_seq, signature = r.signature
      from ${signed} as r where chains.team_id = r.team_id`.execute(db);
  }
}

/** What remains of the entries of a team that were deleted by age. */
export interface ChainStub extends ChainPosition {
  teamId: string;
  /** Every entry before this time was deleted: ISO 8601, UTC. */
  until: string;
  signature: string;
}

export async function findStub(db: Queryable, teamId: string): Promise<ChainStub | undefined> {
  const row = await db.selectFrom('chain_stubs').selectAll().where('team_id', '=', teamId).executeTakeFirst();
  if (row === undefined) return undefined;
  const { team_seq: teamSeq, seq, hash, until, signature } = row;
  return { teamId, teamSeq, seq, hash, until, signature };
}

/** The part of a stub that its signature covers. */
export function toStubText({ teamId, teamSeq, seq, hash, until }: Omit<ChainStub, 'signature'>): string {
  return JSON.stringify([teamId, teamSeq, seq, hash, until]);
}

/** Signs and saves a stub. */
export async function saveStub(
  db: Queryable,
  signer: LogSigner,
  stub: Omit<ChainStub, 'signature'>,
  madeAt: string,
): Promise<void> {
  const { teamId, teamSeq, seq, hash, until } = stub;
  const signature = signer.sign('chain stub', toStubText(stub));
  const row = { team_id: teamId, team_seq: teamSeq, seq, hash, until, made_at: madeAt, signature };
  await db
    .insertInto('chain_stubs')
    .values(row)
    .onConflict((conflict) => conflict.column('team_id').doUpdateSet(row))
    .execute();
}

/** The next entries of a team after a `seq`, in the order of the log. */
export async function listChain(
  db: Queryable,
  { teamId, after, limit }: { teamId: string; after: number; limit: number },
): Promise<TableRow<'grant_log'>[]> {
  return db
    .selectFrom('grant_log')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** Every team that has or had an entry. Does not read the log, which may be long. */
export async function listChainedTeams(db: Queryable): Promise<string[]> {
  const { rows } = await sql<{ team_id: string }>`
    select team_id from chains union select team_id from chain_stubs order by team_id`.execute(db);
  return rows.map((row) => row.team_id);
}

/** The teams of all entries, including entries that were inserted without a chain. Reads the whole log. */
export async function listLoggedTeams(db: Queryable): Promise<string[]> {
  const rows = await db.selectFrom('grant_log').select('team_id').distinct().execute();
  return rows.map((row) => row.team_id);
}

/** Saves the result of a verification, for the admin page. */
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
