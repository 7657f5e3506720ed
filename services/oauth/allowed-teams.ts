import type { Installation } from '@slack/oauth';
import type { Database } from '../database/database';
import type { CallSlack } from '../slack/web-api';
import { listBotInstallations } from './bot-store';
import { toTokenKey } from './installation-store';
import { toInstallationKey } from './token-store';

export type AllowedTeams = ReturnType<typeof createAllowedTeams>;

/** Decides who may install the app. */
export function createAllowedTeams({
  teamIds,
  database,
  callSlack,
}: {
  /** Of workspaces and enterprises; empty: everyone may. */
  teamIds: ReadonlySet<string>;
  database: Database;
  callSlack: CallSlack;
}) {
  return {
    allowsEveryone: teamIds.size === 0,
    /** Returns false where it refused: it then revoked the new token, unless the app had been installed there before. */
    async admit(
      installed: Pick<Installation, 'team' | 'enterprise' | 'isEnterpriseInstall' | 'bot'>,
    ): Promise<boolean> {
      const { teamId, enterpriseId } = toTokenKey(installed);
      if (teamIds.size === 0 || teamIds.has(teamId) || teamIds.has(enterpriseId)) return true;
      // Slack has one token for the app in a workspace: revoking it would end the installation from before.
      const key = toInstallationKey({ teamId, enterpriseId });
      const isThere = (await listBotInstallations(database.query, [key])).has(key);
      if (installed.bot !== undefined && !isThere)
        await callSlack('auth.revoke', { token: installed.bot.token });
      return false;
    },
  };
}
