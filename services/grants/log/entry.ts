import type { TriggerSource } from '../../slack/trigger';

export const logEvents = ['requested', 'granted', 'denied', 'unanswered', 'failed', 'removed'] as const;
export type LogEvent = (typeof logEvents)[number];

/** Who told: the app itself, an event of Slack's, `apps.permissions.users.list`, or an OAuth consent. */
export const logSources = ['app', 'slack_event', 'users_list', 'oauth'] as const;
export type LogSource = (typeof logSources)[number];

/** One line of the grant log: something that happened, and never changes. */
export interface LogEntry {
  /** Grows with every entry. */
  seq: number;
  /** ISO 8601, UTC: when it was recorded. */
  at: string;
  teamId: string;
  /** null for the app itself. */
  userId: string | null;
  event: LogEvent;
  scopes: string[];
  source: LogSource;
  requestId: string | null;
  triggerSource: TriggerSource | null;
  /** Slack's `event_id`. */
  eventId: string | null;
  error: string | null;
  /** The user's own words in a request; what Slack called it in a removal. */
  reason: string | null;
  /** SHA-256, in hex, over the entry and the one before it in its team. */
  hash: string;
}

export interface LogFilter {
  teamId?: string | undefined;
  /** Any of these, where there are several to be seen: an organisation's. */
  teamIds?: readonly string[] | undefined;
  requestId?: string | undefined;
  /** Only entries of some request. */
  isOfRequest?: true | undefined;
  source?: LogSource | undefined;
  triggerSource?: TriggerSource | undefined;
  /** Words, each of which begins a word of the reason or the error. */
  text?: string | undefined;
  userId?: string | undefined;
  scope?: string | undefined;
  event?: LogEvent | undefined;
  /** ISO 8601, UTC; included. */
  since?: string | undefined;
  /** ISO 8601, UTC; not included. */
  until?: string | undefined;
}

/** A scope that a user (or, where `userId` is null, the app) holds now. */
export interface Grant {
  teamId: string;
  userId: string | null;
  scope: string;
  grantedAt: string;
  source: LogSource;
}

export interface GrantFilter {
  teamId?: string | undefined;
  userId?: string | undefined;
  scope?: string | undefined;
}

export interface Page<Item> {
  items: Item[];
  /** Opaque; undefined on the last page. */
  nextCursor: string | undefined;
}
