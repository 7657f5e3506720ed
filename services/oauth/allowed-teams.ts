import type { Installation } from '@slack/oauth';
import type { Database } from '../database/database';
import type { CallSlack } from '../slack/web-api';
import { listBotInstallations } from './bot-store';
import { toInstallationKey } from './installation-key';

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
    async admit({
      team,
      enterprise,
      isEnterpriseInstall,
      bot,
    }: Pick<Installation, 'team' | 'enterprise' | 'isEnterpriseInstall' | 'bot'>): Promise<boolean> {
      const ids = [isEnterpriseInstall ? undefined : team?.id, enterprise?.id];
      if (teamIds.size === 0 || ids.some((id) => id !== undefined && teamIds.has(id))) return true;
      const place = {
        enterpriseId: enterprise?.id ?? '',
        teamId: isEnterpriseInstall ? '' : (team?.id ?? ''),
      };
      // Slack has one token for the app in a workspace: revoked, it would end what was installed before.
      // Its key does not change where the workspace has joined an organisation since, or left it.
      const key = toInstallationKey(place);
      const isThere = (await listBotInstallations(database.query, [key])).has(key);
      if (bot !== undefined && !isThere) await callSlack('auth.revoke', { token: bot.token });
      return false;
    },
  };
}
