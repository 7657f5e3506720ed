import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { toMessage } from './errors';

/** Whether a user may read the grant log; `unknown` where Slack could not be asked, with the reason. */
export type AdminCheck = { is: 'admin' } | { is: 'member' } | { is: 'unknown'; error: string };

export interface Admins {
  check(userId: string): Promise<AdminCheck>;
}

/**
 * Admins are the workspace's own admins and owners, by https://docs.slack.dev/reference/methods/users.info, and whoever
 * `ADMIN_USER_IDS` names, for whom Slack is not asked.
 */
export function createAdmins({
  adminUserIds,
  client,
}: {
  adminUserIds: ReadonlySet<string>;
  client: WebClient;
}): Admins {
  return {
    async check(userId) {
      if (adminUserIds.has(userId)) return { is: 'admin' };
      try {
        const { user } = await client.users.info({ user: userId });
        return user?.is_admin || user?.is_owner || user?.is_primary_owner
          ? { is: 'admin' }
          : { is: 'member' };
      } catch (error) {
        return {
          is: 'unknown',
          error: error instanceof WebAPIPlatformError ? error.data.error : toMessage(error),
        };
      }
    },
  };
}
