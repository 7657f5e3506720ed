import type { Installation } from '@slack/oauth';
import type { Database } from '../database/database';
import type { CallSlack } from '../slack/web-api';
import { listBotInstallations } from './bot-store';
import { toTokenKey } from './installation-store';
import { toInstallationKey } from './token-store';

export type AllowedTeams = ReturnType<typeof createAllowedTeams>;

/** Who may install the app. */
export function createAllowedTeams({
  teamIds,
  database,
  callSlack,
}: {
  /** Of workspaces and organisations; empty: everybody. */
  teamIds: ReadonlySet<string>;
  database: Database;
  callSlack: CallSlack;
}) {
  return {
    /** Nobody is named: whoever opens the address may. */
    allowsEveryone: teamIds.size === 0,
    /** False: it was refused, and Slack was told unless the app was there before. */
    async admit(
      installed: Pick<Installation, 'team' | 'enterprise' | 'isEnterpriseInstall' | 'bot'>,
    ): Promise<boolean> {
      const { teamId, enterpriseId } = toTokenKey(installed);
      if (teamIds.size === 0 || teamIds.has(teamId) || teamIds.has(enterpriseId)) return true;
      // Slack has one token for the app in a workspace: revoked, it would end what was installed before.
      // Its key does not change where the workspace has joined an organisation since, or left it.
      const key = toInstallationKey({ teamId, enterpriseId });
      const isThere = (await listBotInstallations(database.query, [key])).has(key);
      if (installed.bot !== undefined && !isThere)
        await callSlack('auth.revoke', { token: installed.bot.token });
      return false;
    },
  };
}
