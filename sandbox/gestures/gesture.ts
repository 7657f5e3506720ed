import { installedApp } from '../app-manifest';
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
  };
}

/** The fields that stand in every interaction. */
export function interactionFields(workspace: Workspace, gesture: Gesture): JsonObject {
  const { team, enterprise } = workspace;
  const name = workspace.people.nameOf(gesture.userId);
  const isEnterpriseInstall = workspace.isEnterpriseInstall();
  return {
    token: installedApp.verificationToken,
    api_app_id: installedApp.id,
    // Where the organisation has installed the app, only the user says which workspace it is.
    team: isEnterpriseInstall ? null : { id: team.id, domain: team.domain, ...enterpriseFields(workspace) },
    enterprise: enterprise ? { id: enterprise.id, name: enterprise.name } : null,
    is_enterprise_install: isEnterpriseInstall,
    user: { id: gesture.userId, username: name, name, team_id: team.id },
  };
}

/** What stands beside a team's id in an organisation. */
export function enterpriseFields({ enterprise }: Workspace): Record<string, string> {
  return enterprise ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name } : {};
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
