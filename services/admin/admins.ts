import type { Messenger, SlackUser } from '../messages/messenger';
import type { Logger } from '../runtime/logger';
import type { TokenOwner } from '../slack/token-owner';
import { isEnterpriseId, type Member } from '../slack/workspace';

/** Whether a user may read the grant log; `unknown`, with the reason, where Slack did not answer. */
export type AdminStatus = Admin | { is: 'member' } | { is: 'unknown'; error: string };

export interface Admin {
  is: 'admin';
  /** The organisation that the user administers; undefined for an admin of one workspace. */
  managedEnterpriseId?: string;
  /** How far the user's time zone is ahead of UTC; undefined where Slack was not asked. */
  utcOffsetMs?: number;
}

interface AdminIdSettings {
  adminUserIds: ReadonlySet<string>;
  /** Finds the workspace of `SLACK_BOT_TOKEN`; undefined where there is no such token. */
  findTokenOwner: (() => Promise<TokenOwner>) | undefined;
}

export type Admins = ReturnType<typeof createAdmins>;

/**
 * Admins are the admins and owners of a workspace or its organisation, and the users in `ADMIN_USER_IDS`, about whom
 * Slack is not asked: as `T…:U…`, or by a bare id in the one workspace of `SLACK_BOT_TOKEN`.
 */
export function createAdmins(parts: AdminIdSettings & { messenger: Pick<Messenger, 'findUser'> }) {
  const { adminUserIds, findTokenOwner, messenger } = parts;

  async function isNamed({ teamId, userId }: Member): Promise<boolean> {
    if (adminUserIds.has(`${teamId}:${userId}`)) return true;
    if (findTokenOwner === undefined || !adminUserIds.has(userId)) return false;
    const team = await findTokenOwner();
    return 'teamId' in team && team.teamId === teamId;
  }

  return {
    /** Asks Slack each time. */
    async check(member: Member): Promise<AdminStatus> {
      if (await isNamed(member)) return { is: 'admin' };
      const user = await messenger.findUser(member);
      return 'error' in user ? { is: 'unknown', error: user.error } : toAdminStatus(user, member);
    },
    /** For users whom `check` did not look up; 0 where Slack does not say. */
    async findUtcOffset(member: Member): Promise<number> {
      const user = await messenger.findUser(member);
      return 'error' in user ? 0 : toUtcOffsetMs(user);
    },
  };
}

/** Warns the operator of ids that have no effect. */
export async function warnOfUnqualifiedIds(parts: AdminIdSettings & { logger: Logger }): Promise<void> {
  const { adminUserIds, findTokenOwner, logger } = parts;
  const ids = [...adminUserIds].filter((id) => !id.includes(':'));
  if (ids.length === 0) return;
  const team = await findTokenOwner?.();
  if (team !== undefined && ('error' in team || !isEnterpriseId(team.teamId))) return;
  logger.warn(
    { ids },
    'ADMIN_USER_IDS: ids without a workspace are ignored unless SLACK_BOT_TOKEN is set: write T…:U…',
  );
}

/**
 * `is_admin` is about the user's home workspace, which may be another one. Deleted users, bots and visitors sometimes have
 * it too, and are never admins: https://docs.slack.dev/reference/objects/user-object
 */
function toAdminStatus(user: SlackUser, { teamId }: Member): AdminStatus {
  const { enterprise_user: inOrganisation } = user;
  if (user.deleted || user.is_bot || user.is_stranger) return { is: 'member' };
  const isHome = user.team_id === undefined || user.team_id === teamId;
  const isHere = isHome || inOrganisation?.teams?.includes(teamId) === true;
  const utcOffsetMs = toUtcOffsetMs(user);
  if (isHere && inOrganisation?.enterprise_id && (inOrganisation.is_admin || inOrganisation.is_owner)) {
    return { is: 'admin', managedEnterpriseId: inOrganisation.enterprise_id, utcOffsetMs };
  }
  const isAdmin = user.is_admin || user.is_owner || user.is_primary_owner;
  return isHome && isAdmin ? { is: 'admin', utcOffsetMs } : { is: 'member' };
}

function toUtcOffsetMs({ tz_offset }: SlackUser): number {
  return (tz_offset ?? 0) * 1_000;
}
