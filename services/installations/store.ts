import { type Selectable, sql } from 'kysely';
import { noteChange } from '../database/changes';
import type { BotInstallationTable, Queryable, UserTokenTable } from '../database/schema';
import { toScopeList } from '../database/scope-list';
import type { Member, Workspace } from '../workspace';

/** A token as the database holds it: encrypted. */
export interface SealedToken {
  place: TokenPlace;
  /** Seconds, by Slack's clock: since when it is there. */
  mark: number;
  token: string;
  refreshToken: string | undefined;
  /** undefined: it does not expire. */
  expiresAtMs: number | undefined;
  /** Until then an instance is renewing it. */
  refreshUntilMs: number;
}

/** Whose token it is. `userId` is undefined for the app's own; empty ids as in the tables. */
export interface TokenPlace {
  enterpriseId: string;
  teamId: string;
  userId: string | undefined;
}

/** The app in a workspace or, where `teamId` is empty, in a whole organisation. */
export interface BotInstallation extends SealedToken {
  name: string | undefined;
  appId: string | undefined;
  botId: string | undefined;
  botUserId: string | undefined;
  scopes: string[];
  installedBy: string;
  installedAt: string;
}

type TokenRow = Selectable<UserTokenTable> | Selectable<BotInstallationTable>;

function toSealedToken(row: TokenRow): SealedToken {
  return {
    place: {
      enterpriseId: row.enterprise_id,
      teamId: row.team_id,
      userId: 'user_id' in row ? row.user_id : undefined,
    },
    mark: row.mark,
    token: row.token,
    refreshToken: row.refresh_token ?? undefined,
    expiresAtMs: row.expires_at_ms ?? undefined,
    refreshUntilMs: row.refresh_until_ms,
  };
}

function toBotInstallation(row: Selectable<BotInstallationTable>): BotInstallation {
  return {
    ...toSealedToken(row),
    name: row.name ?? undefined,
    appId: row.app_id ?? undefined,
    botId: row.bot_id ?? undefined,
    botUserId: row.bot_user_id ?? undefined,
    scopes: toScopeList(row.scopes),
    installedBy: row.installed_by,
    installedAt: row.installed_at,
  };
}

function toTokenColumns({ mark, token, refreshToken, expiresAtMs }: SealedToken) {
  return {
    mark,
    token,
    refresh_token: refreshToken ?? null,
    expires_at_ms: expiresAtMs ?? null,
    refresh_until_ms: 0,
  };
}

const ORGANISATION = 'organisation ';
/** Is nobody's id. */
const NOBODY = '-';

/** Names what a workspace, or an organisation, has installed. */
export function toInstallationKey({
  teamId,
  enterpriseId,
}: Pick<TokenPlace, 'teamId' | 'enterpriseId'>): string {
  return teamId === '' ? `${ORGANISATION}${enterpriseId}` : teamId;
}

export async function saveBotInstallation(db: Queryable, installation: BotInstallation): Promise<void> {
  noteChange(db, 'installations', [toInstallationKey(installation.place)]);
  const row = {
    enterprise_id: installation.place.enterpriseId,
    team_id: installation.place.teamId,
    name: installation.name ?? null,
    app_id: installation.appId ?? null,
    bot_id: installation.botId ?? null,
    bot_user_id: installation.botUserId ?? null,
    scopes: JSON.stringify(installation.scopes),
    installed_by: installation.installedBy,
    installed_at: installation.installedAt,
    ...toTokenColumns(installation),
  };
  await db
    .insertInto('bot_installations')
    .values(row)
    .onConflict((conflict) => conflict.columns(['enterprise_id', 'team_id']).doUpdateSet(row))
    .execute();
}

/** The app's own token in a workspace: installed there, or in the whole organisation. */
export async function findBotInstallation(
  db: Queryable,
  { teamId, enterpriseId }: Workspace,
): Promise<BotInstallation | undefined> {
  const keys = toInstallationKeys({ teamId, enterpriseId });
  const found = await listBotInstallations(db, keys);
  return keys.flatMap((key) => found.get(key) ?? [])[0];
}

/** Where the app's token for a workspace may be: what the workspace itself has installed comes first. */
export function toInstallationKeys({ teamId, enterpriseId }: Workspace): string[] {
  const places = [
    ...(teamId === '' ? [] : [{ teamId, enterpriseId: '' }]),
    ...(enterpriseId ? [{ teamId: '', enterpriseId }] : []),
  ];
  return places.map(toInstallationKey);
}

/** What stands under these keys; under all of them where none are given. */
export async function listBotInstallations(
  db: Queryable,
  keys?: readonly string[],
): Promise<Map<string, BotInstallation>> {
  let query = db.selectFrom('bot_installations').selectAll();
  if (keys !== undefined) {
    const organisations = keys.filter((key) => key.startsWith(ORGANISATION));
    const enterpriseIds = organisations.map((key) => key.slice(ORGANISATION.length));
    const teamIds = keys.filter((key) => !key.startsWith(ORGANISATION));
    query = query.where((is) =>
      is.or([
        is.and([is('team_id', 'in', [...teamIds, NOBODY]), is('team_id', '!=', '')]),
        is.and([is('team_id', '=', ''), is('enterprise_id', 'in', [...enterpriseIds, NOBODY])]),
      ]),
    );
  }
  // The newest of a workspace that has moved into an organisation.
  const rows = await query.orderBy('mark').execute();
  return new Map(rows.map((row) => [toInstallationKey(toSealedToken(row).place), toBotInstallation(row)]));
}

export async function saveUserToken(
  db: Queryable,
  member: Member,
  token: Omit<SealedToken, 'place' | 'refreshUntilMs'>,
): Promise<void> {
  const place = { enterpriseId: member.enterpriseId ?? '', teamId: member.teamId, userId: member.userId };
  const row = {
    enterprise_id: place.enterpriseId,
    team_id: place.teamId,
    user_id: place.userId,
    ...toTokenColumns({ place, refreshUntilMs: 0, ...token }),
  };
  await db
    .insertInto('user_tokens')
    .values(row)
    .onConflict((conflict) => conflict.columns(['enterprise_id', 'team_id', 'user_id']).doUpdateSet(row))
    .execute();
}

export async function findUserToken(
  db: Queryable,
  { teamId, userId }: { teamId: string; userId: string },
): Promise<SealedToken | undefined> {
  const row = await db
    .selectFrom('user_tokens')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row && toSealedToken(row);
}

/** The next users of a team whose tokens are held, after the one named. */
export async function listUserTokens(
  db: Queryable,
  { teamId, after, limit }: { teamId: string; after: string; limit: number },
): Promise<SealedToken[]> {
  const rows = await db
    .selectFrom('user_tokens')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('user_id', '>', after)
    .orderBy('user_id')
    .limit(limit)
    .execute();
  return rows.map(toSealedToken);
}

/** The app's own tokens that expire before a time. */
export async function listExpiringBots(db: Queryable, beforeMs: number): Promise<BotInstallation[]> {
  const rows = await db
    .selectFrom('bot_installations')
    .selectAll()
    .where('refresh_token', 'is not', null)
    .where('expires_at_ms', '<', beforeMs)
    .orderBy('expires_at_ms')
    .limit(20)
    .execute();
  return rows.map(toBotInstallation);
}

/** Every workspace that is known of: installed in, or with users who have consented. */
export async function listWorkspaces(db: Queryable): Promise<Workspace[]> {
  const rows = await db
    .selectFrom('bot_installations')
    .select(['enterprise_id', 'team_id'])
    .where('team_id', '!=', '')
    .union(db.selectFrom('user_tokens').select(['enterprise_id', 'team_id']))
    .execute();
  return rows.map((row) => ({ teamId: row.team_id, enterpriseId: row.enterprise_id || undefined }));
}

/** The organisation of a workspace, by whatever stands first of what is known of the workspace. */
export async function findEnterpriseId(db: Queryable, teamId: string): Promise<string | undefined> {
  const tables = ['user_tokens', 'permission_requests'] as const;
  for (const table of tables) {
    const row = await db
      .selectFrom(table)
      .select('enterprise_id')
      .where('team_id', '=', teamId)
      .limit(1)
      .executeTakeFirst();
    if (row?.enterprise_id) return row.enterprise_id;
  }
  return undefined;
}

/** The workspaces of an organisation in which users have consented. */
export async function listTeamsOfEnterprise(db: Queryable, enterpriseId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('user_tokens')
    .select('team_id')
    .distinct()
    .where('enterprise_id', '=', enterpriseId)
    .execute();
  return rows.map((row) => row.team_id);
}

/** Erases what users consented to until `time` (seconds, Slack's clock); of every user of the team where none is named. */
export async function deleteUserTokens(
  db: Queryable,
  { teamId, userIds, time }: { teamId: string; userIds?: readonly string[]; time: number },
): Promise<void> {
  if (userIds?.length === 0) return;
  let query = db.deleteFrom('user_tokens').where('team_id', '=', teamId).where('mark', '<=', time);
  if (userIds !== undefined) query = query.where('user_id', 'in', userIds);
  await query.execute();
}

/** Erases the app's own token that was there at `time` (seconds, Slack's clock). A later installation stays. */
export async function deleteBotInstallation(
  db: Queryable,
  { teamId, enterpriseId, time }: { teamId: string; enterpriseId: string | undefined; time: number },
): Promise<void> {
  noteChange(db, 'installations', [toInstallationKey({ teamId, enterpriseId: enterpriseId ?? '' })]);
  let query = db.deleteFrom('bot_installations').where('team_id', '=', teamId).where('mark', '<=', time);
  if (teamId === '') query = query.where('enterprise_id', '=', enterpriseId ?? '');
  await query.execute();
}

function tableOf({ userId }: TokenPlace) {
  return sql.table(userId === undefined ? 'bot_installations' : 'user_tokens');
}

function noteBot(db: Queryable, place: TokenPlace): void {
  if (place.userId === undefined) noteChange(db, 'installations', [toInstallationKey(place)]);
}

function isAt({ enterpriseId, teamId, userId }: TokenPlace) {
  const isUser = userId === undefined ? sql`` : sql` and user_id = ${userId}`;
  return sql`enterprise_id = ${enterpriseId} and team_id = ${teamId}${isUser}`;
}

export async function findToken(db: Queryable, place: TokenPlace): Promise<SealedToken | undefined> {
  const { rows } = await sql<TokenRow>`select * from ${tableOf(place)} where ${isAt(place)}`.execute(db);
  return rows[0] && toSealedToken(rows[0]);
}

/** Takes the renewing of a token upon oneself; false where another instance has, or the token is no longer this one. */
export async function takeRefresh(
  db: Queryable,
  { place, token }: SealedToken,
  { now, until }: { now: number; until: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update ${tableOf(place)} set refresh_until_ms = ${until}
    where ${isAt(place)} and token = ${token} and refresh_until_ms <= ${now}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Puts another token in the place of one, and lets go of it; false where it is no longer there. */
export async function replaceToken(
  db: Queryable,
  before: SealedToken,
  after: Pick<SealedToken, 'token' | 'refreshToken' | 'expiresAtMs'>,
): Promise<boolean> {
  noteBot(db, before.place);
  const { numAffectedRows } = await sql`update ${tableOf(before.place)} set
      token = ${after.token}, refresh_token = ${after.refreshToken ?? null},
      expires_at_ms = ${after.expiresAtMs ?? null}, refresh_until_ms = 0
    where ${isAt(before.place)} and token = ${before.token}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Lets go of a token that could not be renewed. */
export async function releaseRefresh(db: Queryable, { place, token }: SealedToken): Promise<void> {
  await sql`update ${tableOf(place)} set refresh_until_ms = 0
    where ${isAt(place)} and token = ${token}`.execute(db);
}

/** Erases just this token: what has come in its place since stays. */
export async function deleteToken(db: Queryable, { place, token }: SealedToken): Promise<void> {
  noteBot(db, place);
  await sql`delete from ${tableOf(place)} where ${isAt(place)} and token = ${token}`.execute(db);
}

/** The names of the keys that tokens are encrypted with. */
export async function listKeyIds(db: Queryable, length: number): Promise<string[]> {
  const { rows } = await sql<{ key_id: string }>`
    select substr(token, 1, ${sql.lit(length)}) as key_id from bot_installations
    union select substr(token, 1, ${sql.lit(length)}) from user_tokens`.execute(db);
  return rows.map((row) => row.key_id);
}

/** Tokens that are not encrypted with this key, some at a time, in no order that matters. */
export async function listTokensOfOtherKeys(
  db: Queryable,
  { keyId, limit }: { keyId: string; limit: number },
): Promise<SealedToken[]> {
  const isOther = sql<boolean>`token not like ${`${keyId}.%`}`;
  const bots = await db.selectFrom('bot_installations').selectAll().where(isOther).limit(limit).execute();
  const users = await db.selectFrom('user_tokens').selectAll().where(isOther).limit(limit).execute();
  return [...bots, ...users].map(toSealedToken);
}
