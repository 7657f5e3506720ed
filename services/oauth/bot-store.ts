import { type ExpressionBuilder, sql } from 'kysely';
import type { ReadRows } from '../database/dialect';
import type { Queryable, Schema, TableRow } from '../database/schema';
import type { Workspace } from '../slack/workspace';
import {
  type NewToken,
  type SealedToken,
  type TokenKey,
  toInstallationKey,
  toSealedToken,
  toTokenColumns,
} from './token-store';
import { recordInstallationEnd, saveEnterprise } from './workspace-store';

/** The app in a workspace or, where `teamId` is empty, in a whole enterprise. */
export interface BotInstallation extends SealedToken {
  botUserId: string | undefined;
}

function toBotInstallation(row: TableRow<'bot_installations'>): BotInstallation {
  return { ...toSealedToken(row), botUserId: row.bot_user_id ?? undefined };
}

/** What is stored of an installation beside its token. */
export type InstallationDetails = Pick<
  TableRow<'bot_installations'>,
  'name' | 'app_id' | 'bot_id' | 'bot_user_id' | 'scopes' | 'installed_by' | 'installed_at'
>;

export async function saveBotInstallation(
  db: Queryable,
  token: NewToken,
  details: InstallationDetails,
): Promise<void> {
  const row = { ...toTokenColumns(token), ...details };
  // A workspace that has joined or left an enterprise still has one installation.
  if (row.team_id !== '') {
    await db
      .deleteFrom('bot_installations')
      .where('team_id', '=', row.team_id)
      .where('enterprise_id', '!=', row.enterprise_id)
      .execute();
    await saveEnterprise(db, row.team_id, row.enterprise_id);
  }
  await db
    .insertInto('bot_installations')
    .values(row)
    .onConflict((conflict) => conflict.columns(['enterprise_id', 'team_id']).doUpdateSet(row))
    .execute();
}

/**
 * The app's own token in a workspace: first the workspace's own installation, then that of the enterprise that Slack last
 * named, then that of the enterprise in this payload. One statement, since a trigger waits for it.
 */
export async function findBotInstallation(
  read: ReadRows,
  { teamId, enterpriseId = '' }: Workspace,
): Promise<BotInstallation | undefined> {
  const rows = await read(sql<TableRow<'bot_installations'>>`
    select installed.* from bot_installations as installed
    left join workspaces as known on known.team_id = ${teamId}
    where (installed.team_id <> '' and installed.team_id = ${teamId})
      or (installed.team_id = '' and installed.enterprise_id <> ''
        and installed.enterprise_id in (${teamId}, known.enterprise_id, ${enterpriseId}))
    order by case when installed.team_id <> '' then 0 when installed.enterprise_id = known.enterprise_id then 1 else 2 end
    limit 1`);
  return rows[0] && toBotInstallation(rows[0]);
}

function hasKey(is: ExpressionBuilder<Schema, 'bot_installations'>, keys: readonly string[]) {
  return is.or([
    is.and([is('team_id', 'in', keys), is('team_id', '!=', '')]),
    is.and([is('team_id', '=', ''), is('enterprise_id', 'in', keys)]),
  ]);
}

/** By installation key. */
export async function listBotInstallations(
  db: Queryable,
  keys: readonly string[],
): Promise<Map<string, BotInstallation>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom('bot_installations')
    .selectAll()
    .where((is) => hasKey(is, keys))
    .execute();
  return new Map(rows.map(toBotInstallation).map((bot) => [toInstallationKey(bot.key), bot]));
}

/** The next of the app's own tokens that expire before a time. The cursor skips those that could not be renewed. */
export async function listExpiringBots(
  db: Queryable,
  { beforeMs, after, limit }: { beforeMs: number; after: TokenKey | undefined; limit: number },
): Promise<BotInstallation[]> {
  let query = db
    .selectFrom('bot_installations')
    .selectAll()
    .where('refresh_token', 'is not', null)
    .where('expires_at_ms', '<', beforeMs);
  if (after !== undefined) {
    const { enterpriseId, teamId } = after;
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('enterprise_id', 'team_id'), '>', tuple(enterpriseId, teamId)),
    );
  }
  const rows = await query.orderBy('enterprise_id').orderBy('team_id').limit(limit).execute();
  return rows.map(toBotInstallation);
}

/**
 * Deletes the app's own token under this key if it is no newer than `time` (seconds, Slack's clock); with `botUserIds` only
 * if it belongs to one of these bots.
 */
export async function deleteBotInstallation(
  db: Queryable,
  { key, time, botUserIds }: { key: string; time: number; botUserIds?: readonly string[] },
): Promise<void> {
  let query = db
    .deleteFrom('bot_installations')
    .where((is) => hasKey(is, [key]))
    .where('mark', '<=', time);
  if (botUserIds !== undefined) {
    if (botUserIds.length === 0) return;
    // A bot whose id was never stored may be any of them.
    query = query.where((is) =>
      is.or([is('bot_user_id', 'in', [...botUserIds]), is('bot_user_id', 'is', null)]),
    );
  }
  const { numDeletedRows } = await query.executeTakeFirst();
  if (numDeletedRows > 0n) await recordInstallationEnd(db, key, time);
}
