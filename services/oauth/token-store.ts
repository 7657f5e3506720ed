import { sql } from 'kysely';
import { type Leased, setLease, takeLease } from '../database/lease';
import type { Queryable, TableRow } from '../database/schema';

/** A token as the database holds it: encrypted. */
export interface SealedToken {
  key: TokenKey;
  /** Seconds, by Slack's clock: when it was granted. */
  cutoff: number;
  token: string;
  refreshToken: string | undefined;
  /** undefined: it does not expire. */
  expiresAtMs: number | undefined;
  /** ms: the end of the lease of the instance that is renewing it. */
  refreshUntilMs: number;
  /** ms, of a user's: since when Slack's answers cast doubt on it. */
  suspectedAtMs?: number | undefined;
}

/** Whose token it is. `userId` is undefined for the app's own; empty ids as in the tables. */
export interface TokenKey {
  enterpriseId: string;
  teamId: string;
  userId: string | undefined;
}

/** Identifies an installation: the workspace's id, or the enterprise's where `teamId` is empty. */
export function toInstallationKey({ teamId, enterpriseId }: Omit<TokenKey, 'userId'>): string {
  return teamId || enterpriseId;
}

type TokenRow = TableRow<'user_tokens'> | TableRow<'bot_installations'>;

export function toSealedToken(row: TokenRow): SealedToken {
  return {
    key: {
      enterpriseId: row.enterprise_id,
      teamId: row.team_id,
      userId: 'user_id' in row ? row.user_id : undefined,
    },
    cutoff: row.mark,
    token: row.token,
    refreshToken: row.refresh_token ?? undefined,
    expiresAtMs: row.expires_at_ms ?? undefined,
    refreshUntilMs: row.refresh_until_ms,
    suspectedAtMs: 'doubted_at_ms' in row ? (row.doubted_at_ms ?? undefined) : undefined,
  };
}

export function toTokenColumns({ key, cutoff, token, refreshToken, expiresAtMs }: NewToken) {
  return {
    enterprise_id: key.enterpriseId,
    team_id: key.teamId,
    mark: cutoff,
    token,
    refresh_token: refreshToken ?? null,
    expires_at_ms: expiresAtMs ?? null,
    refresh_until_ms: 0,
  };
}

/** A token that is stored for the first time. */
export type NewToken = Omit<SealedToken, 'refreshUntilMs' | 'suspectedAtMs'>;

function hasKey({ enterpriseId, teamId, userId }: TokenKey) {
  const isUser = userId === undefined ? sql`` : sql` and user_id = ${userId}`;
  return sql`enterprise_id = ${enterpriseId} and team_id = ${teamId}${isUser}`;
}

const tableOf = ({ userId }: TokenKey) => (userId === undefined ? 'bot_installations' : 'user_tokens');

/** Matches this very token, not one that has replaced it. */
function rowOf({ key, token }: SealedToken): Leased<'bot_installations' | 'user_tokens'> {
  const where = sql`${hasKey(key)} and token = ${token}`;
  return { table: tableOf(key), until: ['refresh_until_ms'], where };
}

export async function findToken(db: Queryable, key: TokenKey): Promise<SealedToken | undefined> {
  const { rows } = await sql<TokenRow>`
    select * from ${sql.table(tableOf(key))} where ${hasKey(key)}`.execute(db);
  return rows[0] && toSealedToken(rows[0]);
}

/** Leases the renewal of a token; false where another instance has it, or the token was replaced. */
export async function leaseRefresh(
  db: Queryable,
  sealed: SealedToken,
  lease: { now: number; leaseMs: number },
): Promise<boolean> {
  return (await takeLease(db, rowOf(sealed), lease)).length > 0;
}

/** Replaces a token and releases its lease; false where it is no longer there. */
export async function replaceToken(
  db: Queryable,
  before: SealedToken,
  after: Pick<SealedToken, 'token' | 'refreshToken' | 'expiresAtMs'>,
): Promise<boolean> {
  return setLease(db, rowOf(before), 0, {
    token: after.token,
    refresh_token: after.refreshToken ?? null,
    expires_at_ms: after.expiresAtMs ?? null,
  });
}

/** Ends the lease of a token that could not be renewed. */
export async function releaseRefresh(db: Queryable, sealed: SealedToken): Promise<void> {
  await setLease(db, rowOf(sealed), 0);
}

/** False where it was no longer there. */
export async function deleteToken(db: Queryable, sealed: SealedToken): Promise<boolean> {
  const { table, where } = rowOf(sealed);
  const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ${where}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Stores since when a user's token is in doubt; undefined clears the doubt. */
export async function markSuspected(
  db: Queryable,
  sealed: SealedToken,
  atMs: number | undefined,
): Promise<void> {
  await sql`update user_tokens set doubted_at_ms = ${atMs ?? null} where ${rowOf(sealed).where}`.execute(db);
}

/** The ids of the keys that stored tokens are encrypted with. */
export async function listKeyIds(db: Queryable, length: number): Promise<string[]> {
  const { rows } = await sql<{ key_id: string }>`
    select substr(token, 1, ${sql.lit(length)}) as key_id from bot_installations
    union select substr(token, 1, ${sql.lit(length)}) from user_tokens`.execute(db);
  return rows.map((row) => row.key_id);
}

/** Tokens that are not encrypted with this key, in any order. */
export async function listTokensOfOtherKeys(
  db: Queryable,
  { keyId, limit }: { keyId: string; limit: number },
): Promise<SealedToken[]> {
  const isOther = sql<boolean>`token not like ${`${keyId}.%`}`;
  const bots = await db.selectFrom('bot_installations').selectAll().where(isOther).limit(limit).execute();
  const users = await db.selectFrom('user_tokens').selectAll().where(isOther).limit(limit).execute();
  return [...bots, ...users].map(toSealedToken);
}
