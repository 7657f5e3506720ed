import type { Messenger, SlackUser } from '../messages/messenger';
import type { Logger } from '../runtime/logger';
import type { TeamAnswer } from '../slack/token-owner';
import { isOrganisationId, type Member } from '../slack/workspace';

/** Whether a user may read the grant log; `unknown` where Slack could not be asked, with the reason. */
export type AdminCheck = Admin | { is: 'member' } | { is: 'unknown'; error: string };

export interface Admin {
  is: 'admin';
  /** The organisation, of whoever is an admin or owner of all of it. An admin of a workspace sees that one. */
  organisation?: string;
  /** How far the clocks where they are go ahead of UTC, if that came along. */
  utcOffsetMs?: number;
}

export interface Admins {
  /** Asks Slack each time. */
  check(member: Member): Promise<AdminCheck>;
  /** For those whom Slack was not asked about; 0 where it does not say. */
  findUtcOffset(member: Member): Promise<number>;
}

/**
 * Admins are a workspace's own admins and owners, those of its organisation, and whoever `ADMIN_USER_IDS` names, for whom
 * Slack is not asked: as `T…:U…`, or by a bare id in the one workspace of `SLACK_BOT_TOKEN`.
 */
export function createAdmins({
  adminUserIds,
  findTeam,
  messenger,
}: {
  adminUserIds: ReadonlySet<string>;
  /** Whose token `SLACK_BOT_TOKEN` is; undefined where there is none. */
  findTeam: (() => Promise<TeamAnswer>) | undefined;
  messenger: Pick<Messenger, 'findUser'>;
}): Admins {
  async function isNamed({ teamId, userId }: Member): Promise<boolean> {
    if (adminUserIds.has(`${teamId}:${userId}`)) return true;
    if (findTeam === undefined || !adminUserIds.has(userId)) return false;
    const team = await findTeam();
    return 'teamId' in team && team.teamId === teamId;
  }

  return {
    async check(member) {
      if (await isNamed(member)) return { is: 'admin' };
      const user = await messenger.findUser(member);
      return 'error' in user ? { is: 'unknown', error: user.error } : toCheck(user, member);
    },
    async findUtcOffset(member) {
      const user = await messenger.findUser(member);
      return 'error' in user ? 0 : toUtcOffsetMs(user);
    },
  };
}

/** So that an operator reads it before the admins do who are none. */
export async function warnOfBareIds({
  adminUserIds,
  findTeam,
  logger,
}: {
  adminUserIds: ReadonlySet<string>;
  findTeam: (() => Promise<TeamAnswer>) | undefined;
  logger: Logger;
}): Promise<void> {
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
 * `is_admin` is of the user's own workspace, which need not be this one: https://docs.slack.dev/reference/objects/user-object
 * Whoever is deleted, a bot or a visitor has it at times, and is nobody's admin.
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
