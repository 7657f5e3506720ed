import type { Generated } from 'kysely';

/** What is known of each scope: what stands, and what no longer does. */
export interface GrantTable {
  team_id: string;
  /** Empty for the app itself: `scope_granted` names no user. `*` for everybody: the app was uninstalled. */
  user_id: string;
  /** `*` for all of them: the user took everything back. */
  scope: string;
  granted_at: string;
  source: string;
  /** 1 while it stands. */
  held: Generated<number>;
  /** Seconds, by Slack's clock: whatever is older than this has no say in the matter. */
  mark: Generated<number>;
  /** The last sweep that saw it, or during which it was granted. */
  sweep_id: Generated<number>;
}

/** Every event that was recorded, so that a repeated delivery is not recorded again. */
export interface ReceivedEventTable {
  event_id: string;
  received_at: string;
  /** The same for the same event under another id: a SHA-256. Null for events recorded before this was kept. */
  meaning: string | null;
}

/** `walking` the list, then `ending` what no page showed. A sweep that failed goes on from its cursor. */
export type SweepState = 'walking' | 'ending' | 'done' | 'failed';

/** How far the sync of a team is. */
export interface SweepTable {
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
  /** How many users the sweep before this one found: what the time left is reckoned from. */
  last_users: number | null;
  /** Of so many users nothing was learnt. */
  skipped: Generated<number>;
  /** JSON list of the first of them. */
  skipped_users: string | null;
  error: string | null;
  /** The instance that sweeps. */
  owner: string | null;
  /** ms; until then nobody else goes on with it. */
  lease_until_ms: number;
}
