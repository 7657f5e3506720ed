import type { Workspace } from '../slack/workspace';

/** The part of every event that is recorded. */
interface ReceivedEvent extends Workspace {
  /** Slack's `event_id`; of a consent, an id of ours. */
  eventId: string;
  source: 'slack_event' | 'oauth';
  /** Seconds: `event_time`, Slack's clock. */
  time: number;
}

/** A scope that was asked for and left out of a consent: by the user, or because no admin has approved it. */
export const NOT_GRANTED = 'not_granted';
/** A scope that the app got without asking for it. */
export const NOT_REQUESTED = 'not_requested';

/** An answer to a request. `userId` is null where Slack speaks of the app's own scopes. */
export interface AnswerEvent extends ReceivedEvent {
  type: 'granted' | 'denied';
  userId: string | null;
  scopes: string[];
  /** The trigger that the request used up: it identifies the request, and is never exchanged. */
  triggerId: string | undefined;
  /** The request that it answers, where it is known without the trigger. */
  requestId?: string;
  /** Logged as the entry's error. `NOT_REQUESTED` answers no request. */
  error?: typeof NOT_GRANTED | typeof NOT_REQUESTED;
}

/** The user took back everything. */
export interface RemovedEvent extends ReceivedEvent {
  type: 'removed';
  userId: string;
  triggerId: string | undefined;
}

/** Slack revoked the tokens of these users, and of the app itself where its bot is among `botUserIds`. */
export interface TokensRevokedEvent extends ReceivedEvent {
  type: 'tokens_revoked';
  /** The workspace; of an organisation, all that its installation serves. */
  teamIds: string[];
  userIds: string[];
  botUserIds: string[];
  /** The key of the installation that the tokens belong to. */
  installation: string;
}

/** The app is gone, and every grant with it. */
export interface UninstalledEvent extends ReceivedEvent {
  type: 'app_uninstalled';
  /** The workspace; of an organisation, all that its installation served. */
  teamIds: string[];
  /** The key of the installation that ends. */
  installation: string;
}

/** An organisation's installation no longer covers these workspaces; it still covers the others. */
export interface AccessRevokedEvent extends ReceivedEvent {
  type: 'team_access_revoked';
  teamIds: string[];
}

/** Events that end every grant of a workspace. */
export type EndingEvent = UninstalledEvent | AccessRevokedEvent;

export type GrantEvent = AnswerEvent | RemovedEvent | TokensRevokedEvent | EndingEvent;

export function isEndingEvent(event: GrantEvent): event is EndingEvent {
  return event.type === 'app_uninstalled' || event.type === 'team_access_revoked';
}

/**
 * Equal for the same event under another `event_id`, which Slack has been seen to send. One trigger leads to one answer;
 * without a trigger, and for a removal, which names an old one, the time distinguishes events.
 */
export function toDedupeKey(event: GrantEvent): string {
  const { type, teamId, time } = event;
  if (event.source === 'oauth') return `${type} ${event.eventId}`;
  const sorted = (texts: readonly string[]) => [...texts].sort().join();
  switch (type) {
    case 'granted':
    case 'denied': {
      const { userId, scopes, triggerId } = event;
      return [type, teamId, userId ?? '', sorted(scopes), triggerId ?? time].join(' ');
    }
    case 'removed':
      return [type, teamId, event.userId, time].join(' ');
    case 'tokens_revoked':
      return [type, teamId, sorted(event.userIds), sorted(event.botUserIds) || false, time].join(' ');
    case 'app_uninstalled':
      return [type, teamId, time].join(' ');
    case 'team_access_revoked':
      return [type, ...[...event.teamIds].sort(), time].join(' ');
  }
}
