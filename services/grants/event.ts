/** What Slack told, as much of it as is recorded. */
interface Received {
  eventId: string;
  teamId: string;
  /** Seconds: `event_time`, Slack's clock. */
  time: number;
}

/** An answer to a request. `userId` is null where Slack speaks of the app's own scopes. */
export interface AnswerEvent extends Received {
  type: 'granted' | 'denied';
  userId: string | null;
  scopes: string[];
  /** The trigger that the request used up: it joins the answer to the request, and is never exchanged. */
  triggerId: string | undefined;
}

/** The user took back everything. */
export interface RemovedEvent extends Received {
  type: 'removed';
  userId: string;
  triggerId: string | undefined;
}

/** Slack revoked the tokens of these users, and of the app itself where `appToo`. */
export interface TokensRevokedEvent extends Received {
  type: 'tokens_revoked';
  userIds: string[];
  appToo: boolean;
}

/** The app is gone from the workspace, and every grant with it. */
export interface UninstalledEvent extends Received {
  type: 'app_uninstalled';
}

export type GrantEvent = AnswerEvent | RemovedEvent | TokensRevokedEvent | UninstalledEvent;

/**
 * The same for the same event under another `event_id`: Slack has been seen to send such. One trigger leads to one
 * answer; where there is none, or where it says nothing (a removal names an old one), the time tells events apart.
 */
export function toMeaning(event: GrantEvent): string {
  const { type, teamId, time } = event;
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
      return [type, teamId, [...event.userIds].sort().join(), event.appToo, time].join(' ');
    case 'app_uninstalled':
      return [type, teamId, time].join(' ');
  }
}
