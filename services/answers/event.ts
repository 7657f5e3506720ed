import type { Workspace } from '../slack/workspace';

/** What Slack told, as much of it as is recorded. */
interface Received extends Workspace {
  /** Slack's `event_id`; of a consent, what tells it from every other. */
  eventId: string;
  source: 'slack_event' | 'oauth';
  /** Seconds: `event_time`, Slack's clock. */
  time: number;
}

/** A scope that was asked and left out of a consent: by the user, or because no admin has allowed it. */
export const NOT_GRANTED = 'not_granted';
/** A scope that the app was given although nobody had asked for it. */
export const NOT_REQUESTED = 'not_requested';

/** An answer to a request. `userId` is null where Slack speaks of the app's own scopes. */
export interface AnswerEvent extends Received {
  type: 'granted' | 'denied';
  userId: string | null;
  scopes: string[];
  /** The trigger that the request used up: it joins the answer to the request, and is never exchanged. */
  triggerId: string | undefined;
  /** The request that it answers, where that is known without the trigger. */
  requestId?: string;
  /** Logged as the entry's error. `NOT_REQUESTED` answers no request. */
  error?: typeof NOT_GRANTED | typeof NOT_REQUESTED;
}

/** The user took back everything. */
export interface RemovedEvent extends Received {
  type: 'removed';
  userId: string;
  triggerId: string | undefined;
}

/** Slack revoked the tokens of these users, and of the app itself where its bot is among `botUserIds`. */
export interface TokensRevokedEvent extends Received {
  type: 'tokens_revoked';
  /** The workspace; of an organisation, all that its installation serves. */
  teamIds: string[];
  userIds: string[];
  botUserIds: string[];
  /** The key of the installation that Slack speaks of. */
  installation: string;
}

/** The app is gone, and every grant with it. */
export interface UninstalledEvent extends Received {
  type: 'app_uninstalled';
  /** The workspace; of an organisation, all that its installation served. */
  teamIds: string[];
  /** The key of the installation that ends. */
  installation: string;
}

/** An organisation's installation reaches these workspaces no more; it stands for the others. */
export interface AccessRevokedEvent extends Received {
  type: 'team_access_revoked';
  teamIds: string[];
}

/** What ends everything in workspaces. */
export type EndingEvent = UninstalledEvent | AccessRevokedEvent;

export type GrantEvent = AnswerEvent | RemovedEvent | TokensRevokedEvent | EndingEvent;

export function isEnding(event: GrantEvent): event is EndingEvent {
  return event.type === 'app_uninstalled' || event.type === 'team_access_revoked';
}

/**
 * The same for the same event under another `event_id`: Slack has been seen to send such. One trigger leads to one
 * answer; where there is none, or where it says nothing (a removal names an old one), the time tells events apart.
 */
export function toMeaning(event: GrantEvent): string {
  const { type, teamId, time } = event;
  if (event.source === 'oauth') return `${type} ${event.eventId}`;
  switch (type) {
    case 'granted':
    case 'denied':
      return [
        type,
        teamId,
        event.userId ?? '',
        [...event.scopes].sort().join(),
        event.triggerId ?? time,
      ].join(' ');
    case 'removed':
      return [type, teamId, event.userId, time].join(' ');
    case 'tokens_revoked':
      return [
        type,
        teamId,
        [...event.userIds].sort().join(),
        [...event.botUserIds].sort().join() || false,
        time,
      ].join(' ');
    case 'app_uninstalled':
      return [type, teamId, time].join(' ');
    case 'team_access_revoked':
      return [type, ...[...event.teamIds].sort(), time].join(' ');
  }
}
