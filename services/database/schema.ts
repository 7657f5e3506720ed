import type { Generated, Insertable, Selectable } from 'kysely';

/** How a permission request stands. All but `waiting` and `requested` are ends; an answer that comes late still counts. */
export type RequestState =
  | 'waiting' // for a trigger: the gesture that asked brought none
  | 'requested' // Slack shows its prompt
  | 'granted'
  | 'partly_granted'
  | 'denied'
  | 'unanswered'
  | 'failed'; // nothing was shown; "Continue" can open it again

export interface PermissionRequestTable {
  id: string;
  team_id: string;
  user_id: string;
  /** JSON list. */
  scopes: string;
  reason: string | null;
  trigger_source: string;
  state: RequestState;
  created_at: string;
  /** When it is called unanswered; null where no answer is awaited. */
  expires_at: string | null;
}

/** Which request used up which trigger: what joins an event to the request that led to it. */
export interface RequestTriggerTable {
  trigger_id: string;
  request_id: string;
}

export interface GrantTable {
  team_id: string;
  /** Empty for the app itself: `scope_granted` names no user. */
  user_id: string;
  scope: string;
  granted_at: string;
  source: string;
}

/** Append-only: rows are never changed. */
export interface GrantLogTable {
  seq: Generated<number>;
  at: string;
  team_id: string;
  user_id: string | null;
  event: string;
  /** JSON list. */
  scopes: string;
  source: string;
  request_id: string | null;
  trigger_source: string | null;
  event_id: string | null;
  error: string | null;
  reason: string | null;
}

/** Every event that was recorded, so that a repeated delivery is not recorded again. */
export interface ReceivedEventTable {
  event_id: string;
  received_at: string;
}

/** What users are still to be told; a row goes when Slack has taken the message. */
export interface NoticeTable {
  id: Generated<number>;
  team_id: string;
  user_id: string;
  event: string;
  /** JSON list. */
  scopes: string;
  attempts: number;
  /** Not to be sent before this time, in ms: a pause after a fault, or somebody is sending it now. */
  due_at_ms: number;
}

export interface Schema {
  permission_requests: PermissionRequestTable;
  request_triggers: RequestTriggerTable;
  grants: GrantTable;
  grant_log: GrantLogTable;
  received_events: ReceivedEventTable;
  notices: NoticeTable;
}

export type PermissionRequestRow = Selectable<PermissionRequestTable>;
export type GrantLogRow = Selectable<GrantLogTable>;
export type NewGrantLogRow = Insertable<GrantLogTable>;
export type NoticeRow = Selectable<NoticeTable>;
