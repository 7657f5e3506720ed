import { APP_IDS } from '../app-manifest';
import { FIRST_TEAM } from '../state/teams';
import type { Trigger } from '../state/triggers';
import type { Workspace } from '../state/workspace';
import type { GestureOptions, JsonObject } from '../types';

/** What every gesture of a person brings to the app. */
export interface Gesture {
  userId: string;
  channel: string;
  trigger: Trigger;
  /** `{ trigger_id }`, or nothing where the driver asked to leave it out. */
  triggerFields: JsonObject;
  /** Whole seconds: the time of the gesture, as in `X-Slack-Request-Timestamp`. */
  timestamp: number;
  actionTs: string;
  organisation: GestureOptions['organisation'];
}

export function beginGesture(
  workspace: Workspace,
  userId: string,
  channel: string,
  options: GestureOptions = {},
): Gesture {
  const trigger = workspace.triggers.mint(userId, channel, options.triggerAgeMs);
  return {
    userId,
    channel,
    trigger,
    triggerFields: options.omitTriggerId ? {} : { trigger_id: trigger.id },
    timestamp: options.timestamp ?? Math.floor(trigger.mintedAt / 1000),
    actionTs: (trigger.mintedAt / 1000).toFixed(6),
    organisation: options.organisation,
  };
}

/** The fields that stand in every interaction. */
export function interactionFields(
  workspace: Workspace,
  gesture: Gesture,
  { isHome = false }: { isHome?: boolean } = {},
): JsonObject {
  const { team, enterprise } = workspace;
  const name = workspace.people.nameOf(gesture.userId);
  const isEnterpriseInstall = workspace.isEnterpriseInstall();
  // From a home it may be another workspace of the organisation than the one they look at it in.
  const userTeamId = isHome && isEnterpriseInstall ? FIRST_TEAM.id : team.id;
  return {
    token: APP_IDS.verificationToken,
    api_app_id: APP_IDS.appId,
    // Where the organisation has installed the app, only the user says which workspace it is.
    team: isEnterpriseInstall
      ? null
      : { id: team.id, domain: team.domain, ...enterpriseFields(workspace, gesture) },
    enterprise:
      enterprise && gesture.organisation === undefined ? { id: enterprise.id, name: enterprise.name } : null,
    is_enterprise_install: isEnterpriseInstall,
    user: { id: gesture.userId, username: name, name, team_id: userTeamId },
  };
}

/** What stands beside a team's id in an organisation. */
export function enterpriseFields(
  { enterprise }: Workspace,
  { organisation }: Gesture,
): Record<string, string> {
  return enterprise && organisation !== 'nowhere'
    ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name }
    : {};
}

export function channelFields(workspace: Workspace, channel: string): JsonObject {
  return { id: channel, name: workspace.people.findChannel(channel)?.name ?? '' };
}

/** An address that the app can answer to for 30 minutes. */
export function mintResponseUrl(workspace: Workspace, gesture: Gesture, originalTs?: string): string {
  return (
    workspace.address.hooksUrl + workspace.responseUrls.mint(gesture.userId, gesture.channel, originalTs)
  );
}
