import type { Generated } from 'kysely';

/** All but `waiting` and `requested` are ends; a late answer still counts. */
export type RequestState =
  | 'waiting' // for a trigger: the gesture that asked brought none
  | 'requested' // Slack shows its prompt
  | 'granted'
  | 'partly_granted'
  | 'denied'
  | 'unanswered'
  | 'failed'; // nothing was shown; "Continue" can open it again

export interface PermissionTables {
  permission_requests: {
    id: string;
    team_id: string;
    user_id: string;
    /** JSON list. */
    scopes: string;
    reason: string | null;
    trigger_source: string;
    state: RequestState;
    created_at: string;
    /** When it becomes `unanswered`; null where no answer is awaited. */
    expires_at: string | null;
    /** The enterprise of the team, where it is in one. */
    enterprise_id: string | null;
  };
  /** Which request used which trigger, to match an event with the request that led to it. */
  request_triggers: {
    /** SHA-256; the trigger itself is not stored. */
    trigger_hash: string;
    request_id: string;
  };
  /** A workspace whose rate Slack has limited. */
  rushes: {
    team_id: string;
    /** ms: until then no call is made. */
    paused_until_ms: number;
    /** ms: until then requests wait in the queue. */
    limited_until_ms: number;
    /** Thousandths of a call that may be made now. */
    milliturns: number;
    counted_at_ms: number;
  };
  /** The rate-limit queue: a request that waits, or was called. */
  turns: {
    seq: Generated<number>;
    request_id: string;
    team_id: string;
    /** ms: when it came. `seq` has the order: a clock can be set back. */
    place_ms: number;
    /** ms; null: it waits. */
    called_at_ms: number | null;
    /** ms; null: the user who was called may not have been told. */
    told_at_ms: number | null;
  };
}
