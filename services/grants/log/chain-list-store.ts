import { sql } from 'kysely';
import type { Queryable, TableRow } from '../../database/schema';
import { toScopeList } from '../../database/scope-list';
import { isValidSignature, type LogSigner, type SignatureCheck } from '../../runtime/secrets/log-signer';

/** The signed list of the teams that have a chain. */
export interface ChainList {
  teams: readonly string[];
  /** When chains were first signed: ISO 8601, UTC. */
  since: string;
}

export interface CheckedChainList extends ChainList {
  check: SignatureCheck;
}

/** Undefined where the log was never signed, or the list was deleted. */
export async function findChainList(db: Queryable, signer: LogSigner): Promise<CheckedChainList | undefined> {
  const row = await db.selectFrom('chain_list').selectAll().executeTakeFirst();
  return row && toChainList(row, signer);
}

/** Finds the list and locks it until the transaction ends: an update that changes nothing locks the row on both databases. */
export async function lockChainList(db: Queryable, signer: LogSigner): Promise<CheckedChainList | undefined> {
  const { rows } = await sql<TableRow<'chain_list'>>`
    update chain_list set id = id returning *`.execute(db);
  return rows[0] && toChainList(rows[0], signer);
}

function toChainList(
  { teams, since, signature }: TableRow<'chain_list'>,
  signer: LogSigner,
): CheckedChainList {
  const list = { teams: toScopeList(teams), since };
  return { ...list, check: signer.check('chain list', toListText(list), signature) };
}

function toListText({ teams, since }: ChainList): string {
  return JSON.stringify([since, teams]);
}

export async function saveChainList(db: Queryable, signer: LogSigner, list: ChainList): Promise<void> {
  const row = {
    id: 1,
    teams: JSON.stringify(list.teams),
    since: list.since,
    signature: signer.sign('chain list', toListText(list)),
  };
  await db
    .insertInto('chain_list')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/**
 * Adds teams that had no entry so far; returns those whose chain may be signed. A team that is already listed had
 * entries that somebody deleted. A list with a wrong signature stays as it is, so that `verify` finds it.
 */
export async function addToChainList(
  db: Queryable,
  signer: LogSigner,
  teamIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const list = await lockChainList(db, signer);
  if (list === undefined || !isValidSignature(list.check)) return new Set();
  const added = teamIds.filter((teamId) => !list.teams.includes(teamId));
  if (added.length > 0) {
    await saveChainList(db, signer, { since: list.since, teams: [...list.teams, ...added].sort() });
  }
  return new Set(added);
}
