import type { Messenger } from './slack-messages';
import type { Member } from './workspace';

/** Whether a user may read the grant log; `unknown` where Slack could not be asked, with the reason. */
export type AdminCheck = Admin | { is: 'member' } | { is: 'unknown'; error: string };

/** `utcOffsetMs` is how far the clocks where they are go ahead of UTC, if that came along. */
export interface Admin {
  is: 'admin';
  utcOffsetMs?: number;
}

export interface Admins {
  check(member: Member): Promise<AdminCheck>;
  /** For those whom Slack was not asked about; 0 where it does not say. */
  findUtcOffset(member: Member): Promise<number>;
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
      return answer.isAdmin ? { is: 'admin', utcOffsetMs: answer.utcOffsetMs } : { is: 'member' };
    },
    async findUtcOffset(member) {
      const answer = await messenger.checkAdmin(member);
      return 'error' in answer ? 0 : answer.utcOffsetMs;
    },
  };
}
