import type { Generated } from 'kysely';

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
  /** The organisation of the team, where it is in one. */
  enterprise_id: string | null;
}

/** Which request used up which trigger: what joins an event to the request that led to it. */
export interface RequestTriggerTable {
  /** The trigger itself is written nowhere. */
  trigger_hash: string;
  request_id: string;
}

/** A workspace whose rate limit was met. */
export interface RushTable {
  team_id: string;
  /** ms: until then no call is made. */
  paused_until_ms: number;
  /** ms: until then calls are made in turns. */
  limited_until_ms: number;
  /** Thousandths of a call that may be made. */
  milliturns: number;
  counted_at_ms: number;
}

/** A request that waits for its turn, or was called. */
export interface TurnTable {
  seq: Generated<number>;
  request_id: string;
  team_id: string;
  /** ms: when it came. The order is that of `seq`: a clock can be put back. */
  place_ms: number;
  /** ms; null: it waits. */
  called_at_ms: number | null;
  /** ms; null: whoever was called may not know it. */
  told_at_ms: number | null;
}
