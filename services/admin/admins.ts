import type { Messenger, SlackUser } from '../messages/messenger';
import type { Logger } from '../runtime/logger';
import type { TeamAnswer } from '../slack/token-owner';
import { isOrganisationId, type Member } from '../slack/workspace';

/** Whether a user may read the grant log; `unknown`, with the reason, where Slack did not answer. */
export type AdminCheck = Admin | { is: 'member' } | { is: 'unknown'; error: string };

export interface Admin {
  is: 'admin';
  /** The organisation that the user administers; undefined for an admin of one workspace. */
  organisation?: string;
  /** How far the user's time zone is ahead of UTC; undefined where Slack was not asked. */
  utcOffsetMs?: number;
}

interface NamedAdmins {
  adminUserIds: ReadonlySet<string>;
  /** Finds the workspace of `SLACK_BOT_TOKEN`; undefined where there is no such token. */
  findTeam: (() => Promise<TeamAnswer>) | undefined;
}

export type Admins = ReturnType<typeof createAdmins>;

/**
 * Admins are the admins and owners of a workspace or its organisation, and the users in `ADMIN_USER_IDS`, about whom
 * Slack is not asked: as `T…:U…`, or by a bare id in the one workspace of `SLACK_BOT_TOKEN`.
 */
export function createAdmins(parts: NamedAdmins & { messenger: Pick<Messenger, 'findUser'> }) {
  const { adminUserIds, findTeam, messenger } = parts;

  async function isNamed({ teamId, userId }: Member): Promise<boolean> {
    if (adminUserIds.has(`${teamId}:${userId}`)) return true;
    if (findTeam === undefined || !adminUserIds.has(userId)) return false;
    const team = await findTeam();
    return 'teamId' in team && team.teamId === teamId;
  }

  return {
    /** Asks Slack each time. */
    async check(member: Member): Promise<AdminCheck> {
      if (await isNamed(member)) return { is: 'admin' };
      const user = await messenger.findUser(member);
      return 'error' in user ? { is: 'unknown', error: user.error } : toCheck(user, member);
    },
    /** For users about whom Slack was not asked; 0 where it does not say. */
    async findUtcOffset(member: Member): Promise<number> {
      const user = await messenger.findUser(member);
      return 'error' in user ? 0 : toUtcOffsetMs(user);
    },
  };
}

/** Warns the operator of ids that make nobody an admin. */
export async function warnOfBareIds(parts: NamedAdmins & { logger: Logger }): Promise<void> {
  const { adminUserIds, findTeam, logger } = parts;
  const ids = [...adminUserIds].filter((id) => !id.includes(':'));
  if (ids.length === 0) return;
  const team = await findTeam?.();
  if (team !== undefined && ('error' in team || !isOrganisationId(team.teamId))) return;
  logger.warn(
    { ids },
    'ADMIN_USER_IDS: an id without a workspace counts in that of SLACK_BOT_TOKEN alone, and there is none: write T…:U…',
  );
}

/**
 * `is_admin` is about the user's home workspace, which may be another one. Deleted users, bots and visitors sometimes have
 * it too, and are never admins: https://docs.slack.dev/reference/objects/user-object
 */
function toCheck(user: SlackUser, { teamId }: Member): AdminCheck {
  const { enterprise_user: inOrganisation } = user;
  if (user.deleted || user.is_bot || user.is_stranger) return { is: 'member' };
  const isHome = user.team_id === undefined || user.team_id === teamId;
  const isHere = isHome || inOrganisation?.teams?.includes(teamId) === true;
  const utcOffsetMs = toUtcOffsetMs(user);
  if (isHere && inOrganisation?.enterprise_id && (inOrganisation.is_admin || inOrganisation.is_owner)) {
    return { is: 'admin', organisation: inOrganisation.enterprise_id, utcOffsetMs };
  }
  const isAdmin = user.is_admin || user.is_owner || user.is_primary_owner;
  return isHome && isAdmin ? { is: 'admin', utcOffsetMs } : { is: 'member' };
}

function toUtcOffsetMs({ tz_offset }: SlackUser): number {
  return (tz_offset ?? 0) * 1_000;
}
