import type { Generated } from 'kysely';

/** `walking` the list, then `ending` the grants that no page showed. */
export type SweepState = 'walking' | 'ending' | 'done' | 'failed';

export interface GrantTables {
  /** The state of each scope of each user, also of those that are no longer held. */
  grants: {
    team_id: string;
    /** Empty for the app itself: `scope_granted` names no user. `*` for all users: the app was uninstalled. */
    user_id: string;
    /** `*` for all scopes: the user revoked everything. */
    scope: string;
    granted_at: string;
    source: string;
    /** 1 while it is held. */
    held: Generated<number>;
    /** Seconds, by Slack's clock: older reports change nothing. */
    mark: Generated<number>;
    /** The last sweep that saw it, or during which it was granted. */
    sweep_id: Generated<number>;
  };
  /** Every event that was recorded, so that a repeated delivery is not recorded again. */
  received_events: {
    event_id: string;
    received_at: string;
    /** SHA-256, the same where the same event comes under another id. Null in rows of older versions. */
    meaning: string | null;
  };
  /** How far the sync of a team is. */
  sweeps: {
    team_id: string;
    sweep_id: number;
    state: SweepState;
    /** Of the next page; null: the first. */
    cursor: string | null;
    /** Seconds, by Slack's clock: when the first page was answered. */
    slack_started_at: number | null;
    started_at: string;
    finished_at: string | null;
    pages: number;
    users: number;
    changes: number;
    /** How many users the previous sweep found, to estimate the time left. */
    last_users: number | null;
    /** How many users could not be read. */
    skipped: Generated<number>;
    /** JSON list: the first of the skipped users. */
    skipped_users: string | null;
    error: string | null;
    /** The instance that sweeps. */
    owner: string | null;
    /** ms: until then no other instance resumes it. */
    lease_until_ms: number;
  };
}
