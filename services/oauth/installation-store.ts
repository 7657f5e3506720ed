import type { Installation, InstallationStore } from '@slack/oauth';
import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, toIsoTime } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import type { StoreRetrier } from '../runtime/retry-until-stored';
import { saveBotInstallation } from './bot-store';
import type { TokenKey } from './token-store';
import type { Vault } from './vault';

const STORE_TIMEOUT_MS = 15_000;

/** What an installation's token is stored by. */
export function toTokenKey({
  team,
  enterprise,
  isEnterpriseInstall,
}: Pick<Installation, 'team' | 'enterprise' | 'isEnterpriseInstall'>): TokenKey {
  const teamId = isEnterpriseInstall ? '' : (team?.id ?? '');
  return { enterpriseId: enterprise?.id ?? '', teamId, userId: undefined };
}

/**
 * Slack's `InstallationStore` on our database. It keeps what belongs to the app: a user's token comes only by consent
 * (`services/answers/consent/`), in a table of its own, so that the one can never wipe or stand for the other.
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
      const key = toTokenKey(installation);
      const sealed = vault.seal(key, {
        token: bot.token,
        refreshToken: bot.refreshToken,
        expiresAtMs: bot.expiresAt === undefined ? undefined : bot.expiresAt * 1_000,
      });
      const now = clock.now();
      // By our own clock: Slack's time is not known here. An earlier removal is older than a second in all likelihood.
      const token = { key, ...sealed, cutoff: Math.floor(now / 1_000) };
      const details = {
        name: (isEnterpriseInstall ? enterprise?.name : team?.name) ?? null,
        app_id: installation.appId ?? null,
        bot_id: bot.id ?? null,
        bot_user_id: bot.userId ?? null,
        scopes: JSON.stringify(bot.scopes),
        installed_by: user.id,
        installed_at: toIsoTime(now),
      };
      const save = (tx: Queryable) => saveBotInstallation(tx, token, details);
      // The code works once, so the write is retried while the browser waits.
      try {
        await storeRetrier.retry(() => database.transact(save), STORE_TIMEOUT_MS);
      } catch (error) {
        // Not revoked: an earlier installation, which cannot be read now, would have the same token.
        logger.error(
          { err: error, team_id: team?.id, enterprise_id: enterprise?.id },
          'failed to store an installation: slack has installed the app, so it must be installed again',
        );
        throw error;
      }
    },

    async fetchInstallation() {
      throw new Error(
        'InstallProvider hands out no token: bot-tokens.ts does, and renews it once for all callers.',
      );
    },
  };
}
