import type { Generated } from 'kysely';

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
  /** Its place among the entries of its team, from 1. */
  team_seq: number | null;
  /** SHA-256 over the entry and the one before it in its team. */
  hash: string | null;
}

/** The newest entry of a team's chain, and how the last walk along it ended. */
export interface ChainTable {
  team_id: string;
  team_seq: number;
  seq: number;
  hash: string;
  /** The entry of which the hash is signed: the newest one, unless something is wrong. */
  signed_team_seq: number | null;
  signature: string | null;
  verified_at: string | null;
  /** The newest entry then. */
  verified_seq: number | null;
  /** What was found; null: nothing. */
  verified_fault: string | null;
}

/** One row: the teams that have a chain, signed, so that one which is gone is missed. */
export interface ChainListTable {
  id: number;
  /** JSON list. */
  teams: string;
  /** When the log was signed first: older entries are proved as they stood then. */
  since: string;
  signature: string;
}

/** Stands for the entries of a team that were deleted by age: the last of them, signed. */
export interface ChainStubTable {
  team_id: string;
  team_seq: number;
  seq: number;
  hash: string;
  /** Everything before this day was deleted. */
  until: string;
  made_at: string;
  signature: string;
}

/** Which entries of the log have a word in their reason or error. */
export interface LogWordTable {
  word: string;
  seq: number;
}

/** Which entries of the log name a scope. */
export interface LogScopeTable {
  scope: string;
  seq: number;
}
