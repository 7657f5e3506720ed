import type { Installation, InstallationQuery, InstallationStore } from '@slack/oauth';
import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, toIsoTime } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import type { StoreRetrier } from '../runtime/retry-until-stored';
import { deleteBotInstallation, findBotInstallation, saveBotInstallation } from './bot-store';
import { toInstallationKey } from './installation-key';
import { findUserToken } from './user-store';
import type { Vault } from './vault';

const STORE_TIMEOUT_MS = 15_000;

/**
 * Slack's `InstallationStore` on our database. It keeps what belongs to the app: a user's token comes only by consent
 * (`services/consent/`), in a table of its own, so that the one can never wipe or stand for the other.
 */
export function createInstallationStore({
  database,
  vault,
  storeRetrier,
  clock,
  logger,
}: {
  database: Database;
  vault: Vault;
  storeRetrier: StoreRetrier;
  clock: Clock;
  logger: Logger;
}): InstallationStore {
  return {
    async storeInstallation(installation: Installation) {
      const { bot, team, enterprise, isEnterpriseInstall, user } = installation;
      if (bot === undefined) return;
      const key = {
        enterpriseId: enterprise?.id ?? '',
        teamId: isEnterpriseInstall ? '' : (team?.id ?? ''),
        userId: undefined,
      };
      const sealed = vault.seal(key, {
        token: bot.token,
        refreshToken: bot.refreshToken,
        expiresAtMs: bot.expiresAt === undefined ? undefined : bot.expiresAt * 1_000,
      });
      const now = clock.now();
      const save = (tx: Queryable) =>
        saveBotInstallation(tx, {
          key,
          ...sealed,
          refreshUntilMs: 0,
          // Slack's clock is not told here. A removal that was sent before is older than a second by all odds.
          cutoff: Math.floor(now / 1_000),
          name: (isEnterpriseInstall ? enterprise?.name : team?.name) ?? undefined,
          appId: installation.appId,
          botId: bot.id,
          botUserId: bot.userId,
          scopes: bot.scopes,
          installedBy: user.id,
          installedAt: toIsoTime(now),
        });
      // The code is good once. A browser waits.
      try {
        await storeRetrier.retry(() => database.transact(save), STORE_TIMEOUT_MS);
      } catch (error) {
        // Not revoked: what may have been installed before, which cannot be read now, has the same token.
        logger.error(
          { err: error, team_id: team?.id, enterprise_id: enterprise?.id },
          'failed to store an installation: slack has installed the app, so it must be installed again',
        );
        throw error;
      }
    },

    async fetchInstallation(query: InstallationQuery<boolean>) {
      const { teamId = '', enterpriseId, userId } = query;
      const found = await findBotInstallation(database.query, { teamId, enterpriseId });
      if (found === undefined) throw new Error('The app is not installed there: open /slack/install.');
      const { key, name } = found;
      const { token, refreshToken, expiresAtMs } = vault.open(found);
      const userToken = userId && (await findUserToken(database.query, { teamId, userId }));
      const isEnterpriseInstall = key.teamId === '';
      return {
        team: isEnterpriseInstall ? undefined : { id: key.teamId, ...(name && { name }) },
        enterprise: key.enterpriseId === '' ? undefined : { id: key.enterpriseId },
        isEnterpriseInstall,
        // The user who was asked for, or the installer: with a token only where it is that very user's.
        user: {
          id: userId ?? found.installedBy,
          token: userToken ? vault.open(userToken).token : undefined,
          scopes: undefined,
        },
        bot: {
          token,
          scopes: found.scopes,
          id: found.botId ?? '',
          userId: found.botUserId ?? '',
          ...(refreshToken === undefined ? {} : { refreshToken }),
          ...(expiresAtMs === undefined ? {} : { expiresAt: Math.floor(expiresAtMs / 1_000) }),
        },
        ...(found.appId === undefined ? {} : { appId: found.appId }),
        tokenType: 'bot',
        authVersion: 'v2',
      } as const;
    },

    async deleteInstallation(query: InstallationQuery<boolean>) {
      const teamId = query.isEnterpriseInstall ? '' : (query.teamId ?? '');
      const key = toInstallationKey({ teamId, enterpriseId: query.enterpriseId ?? '' });
      const time = Math.floor(clock.now() / 1_000);
      await database.transact((tx) => deleteBotInstallation(tx, { key, time }));
    },
  };
}
