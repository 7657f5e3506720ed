import type { TriggerSource } from '../../slack/trigger';

export const logEvents = ['requested', 'granted', 'denied', 'unanswered', 'failed', 'removed'] as const;
export type LogEvent = (typeof logEvents)[number];

/** Where an entry comes from: the app itself, an event, `apps.permissions.users.list`, or an OAuth consent. */
export const logSources = ['app', 'slack_event', 'users_list', 'oauth'] as const;
export type LogSource = (typeof logSources)[number];

/** An entry of the grant log; it never changes. */
export interface LogEntry {
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
  /** Of a request, what the user wrote; of a removal, Slack's name for it. */
  reason: string | null;
  /** SHA-256, in hex, over the entry and the one before it in its team. */
  hash: string;
}

/**
 * The columns of `grant_log` that an entry's hash covers, each with its property. Must never change: `verify` recomputes the
 * hashes.
 */
export const COVERED_COLUMNS = {
  at: 'at',
  team_id: 'teamId',
  user_id: 'userId',
  event: 'event',
  scopes: 'scopes',
  source: 'source',
  request_id: 'requestId',
  trigger_source: 'triggerSource',
  event_id: 'eventId',
  error: 'error',
  reason: 'reason',
} as const satisfies Readonly<Record<string, keyof LogEntry>>;

/** The columns of an entry in every output, in this order, each with its property. */
export const LOG_COLUMNS = { seq: 'seq', ...COVERED_COLUMNS, hash: 'hash' } as const;

export interface LogFilter {
  teamId?: string | undefined;
  /** Any of these: the workspaces of an organisation. */
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
  /** ISO 8601, UTC; inclusive. */
  since?: string | undefined;
  /** ISO 8601, UTC; exclusive. */
  until?: string | undefined;
}

/** A scope that a user, or the app itself (`userId` is null), holds now. */
export interface Grant {
  teamId: string;
  userId: string | null;
  scope: string;
  grantedAt: string;
  source: LogSource;
}

export interface GrantFilter {
  teamId?: string | undefined;
  teamIds?: readonly string[] | undefined;
  userId?: string | undefined;
  userIds?: readonly string[] | undefined;
  scope?: string | undefined;
}

export interface Page<Item> {
  items: Item[];
  /** Opaque; undefined on the last page. */
  nextCursor: string | undefined;
}
