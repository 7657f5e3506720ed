import { sql } from 'kysely';
import { jsonRows } from '../../database/json-rows';
import type { Queryable } from '../../database/schema';
import { findSigner } from '../../database/signing';
import { isRight, type LogSigner } from '../../runtime/secrets/log-signer';
import { addToChainList } from './chain-list-store';

/** No statement takes long, however many teams there are. */
const HEADS_AT_ONCE = 1_000;

/** The newest entry of a team. */
export interface Head {
  teamSeq: number;
  hash: string;
}

/** What the signature of a head covers. */
export function toHeadText(teamId: string, { teamSeq, hash }: Head): string {
  return JSON.stringify([teamId, teamSeq, hash]);
}

/** A head as it is kept. */
export interface SignedHead extends Head {
  /** Of the entry that is signed: the head itself, unless something is wrong. */
  signedTeamSeq: number | null;
  signature: string | null;
}

export async function loadHeads(db: Queryable, teamIds: readonly string[]): Promise<Map<string, SignedHead>> {
  const teams = jsonRows(
    db,
    { team_id: 'text' },
    teamIds.map((team_id) => ({ team_id })),
  );
  const { rows } = await sql<HeadRow>`
    select chains.team_id, chains.team_seq, chains.hash, chains.signed_team_seq, chains.signature
    from ${teams} as r join chains on chains.team_id = r.team_id`.execute(db);
  return new Map(rows.map((row) => [row.team_id, toSignedHead(row)]));
}

interface HeadRow {
  team_id: string;
  team_seq: number;
  hash: string;
  signed_team_seq: number | null;
  signature: string | null;
}

function toSignedHead(row: HeadRow): SignedHead {
  const { team_seq: teamSeq, hash, signed_team_seq: signedTeamSeq, signature } = row;
  return { teamSeq, hash, signedTeamSeq, signature };
}

/** Whether a head is what somebody with a key of ours left. */
export function isHeadSigned(signer: LogSigner, teamId: string, head: SignedHead): boolean {
  if (head.signedTeamSeq !== head.teamSeq) return false;
  return isRight(signer.check('chain head', toHeadText(teamId, head), head.signature));
}

/**
 * Writes where the chains of these teams end now. A head is signed only where the one before it was: what somebody
 * without the key put in must not get a signature from the entry that comes after it.
 */
export async function saveHeads(
  db: Queryable,
  before: ReadonlyMap<string, SignedHead>,
  newest: readonly (Head & { teamId: string; seq: number })[],
): Promise<void> {
  const signer = findSigner(db);
  const begun = newest.flatMap(({ teamId }) => (before.has(teamId) ? [] : [teamId]));
  const added = signer && begun.length > 0 ? await addToChainList(db, signer, begun) : new Set<string>();
  const rows = newest.map(({ teamId, seq, ...head }) => {
    const last = before.get(teamId);
    const isProven =
      signer !== undefined && (last === undefined ? added.has(teamId) : isHeadSigned(signer, teamId, last));
    return {
      team_id: teamId,
      team_seq: head.teamSeq,
      seq,
      hash: head.hash,
      signed_team_seq: isProven ? head.teamSeq : (last?.signedTeamSeq ?? null),
      signature: isProven ? signer.sign('chain head', toHeadText(teamId, head)) : (last?.signature ?? null),
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

/** Every head, for who signs them all. */
export async function listSignedHeads(db: Queryable): Promise<Map<string, SignedHead>> {
  const rows = await db
    .selectFrom('chains')
    .select(['team_id', 'team_seq', 'hash', 'signed_team_seq', 'signature'])
    .execute();
  return new Map(rows.map((row) => [row.team_id, toSignedHead(row)]));
}

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
  for (let from = 0; from < rows.length; from += HEADS_AT_ONCE) {
    const signed = jsonRows(db, columns, rows.slice(from, from + HEADS_AT_ONCE));
    await sql`update chains set signed_team_seq = r.signed_team_seq, signature = r.signature
      from ${signed} as r where chains.team_id = r.team_id`.execute(db);
  }
}
