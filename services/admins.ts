import type { Messenger } from './slack-messages';
import type { Member } from './workspace';

/** Whether a user may read the grant log; `unknown` where Slack could not be asked, with the reason. */
export type AdminCheck = { is: 'admin' } | { is: 'member' } | { is: 'unknown'; error: string };

export interface Admins {
  check(member: Member): Promise<AdminCheck>;
}

/** Admins are the workspace's own admins and owners, and whoever `ADMIN_USER_IDS` names, for whom Slack is not asked. */
export function createAdmins({
  adminUserIds,
  messenger,
}: {
  adminUserIds: ReadonlySet<string>;
  messenger: Pick<Messenger, 'checkAdmin'>;
}): Admins {
  return {
    async check(member) {
      if (adminUserIds.has(member.userId)) return { is: 'admin' };
      const answer = await messenger.checkAdmin(member);
      if ('error' in answer) return { is: 'unknown', error: answer.error };
      return { is: answer.isAdmin ? 'admin' : 'member' };
    },
  };
}
