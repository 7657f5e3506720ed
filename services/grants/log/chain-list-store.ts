import { type Selectable, sql } from 'kysely';
import type { ChainListTable, Queryable } from '../../database/schema';
import { toScopeList } from '../../database/scope-list';
import { isRight, type LogSigner, type SignatureCheck } from '../../runtime/secrets/log-signer';

/** The teams that have a chain, and since when chains are signed. */
export interface ChainList {
  teams: readonly string[];
  /** ISO 8601, UTC. */
  since: string;
}

export interface CheckedChainList extends ChainList {
  check: SignatureCheck;
}

/** Undefined where nothing was ever signed, or somebody took it away. */
export async function findChainList(db: Queryable, signer: LogSigner): Promise<CheckedChainList | undefined> {
  const row = await db.selectFrom('chain_list').selectAll().executeTakeFirst();
  return row && toChainList(row, signer);
}

/** The same, and nobody else changes it until this transaction ends: an update that changes nothing waits on both databases. */
export async function holdChainList(db: Queryable, signer: LogSigner): Promise<CheckedChainList | undefined> {
  const { rows } = await sql<Selectable<ChainListTable>>`
    update chain_list set id = id returning *`.execute(db);
  return rows[0] && toChainList(rows[0], signer);
}

function toChainList(
  { teams, since, signature }: Selectable<ChainListTable>,
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
 * Puts teams that had no entry on the list; answers with those of which the chain may be signed. One that stood on it had
 * entries, and somebody took them away. A list that is not signed as it should be stays as it is, to be found.
 */
export async function addToChainList(
  db: Queryable,
  signer: LogSigner,
  teamIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const list = await holdChainList(db, signer);
  if (list === undefined || !isRight(list.check)) return new Set();
  const added = teamIds.filter((teamId) => !list.teams.includes(teamId));
  if (added.length > 0) {
    await saveChainList(db, signer, { since: list.since, teams: [...list.teams, ...added].sort() });
  }
  return new Set(added);
}
