import type { Generated } from 'kysely';

export interface GrantLogTables {
  /** Append-only: rows are never changed. */
  grant_log: {
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
    /** Position in the chain of its team, from 1. */
    team_seq: number | null;
    /** SHA-256 over the entry and the previous hash of its team. */
    hash: string | null;
  };
  /** The newest entry of a team's chain, and the result of the last verification. */
  chains: {
    team_id: string;
    team_seq: number;
    seq: number;
    hash: string;
    /** The entry whose hash is signed: the newest, unless something is wrong. */
    signed_team_seq: number | null;
    signature: string | null;
    verified_at: string | null;
    /** The newest entry at that time. */
    verified_seq: number | null;
    /** The fault that was found; null: none. */
    verified_fault: string | null;
  };
  /** One row: the teams that have a chain, signed, so that a deleted chain is noticed. */
  chain_list: {
    id: number;
    /** JSON list. */
    teams: string;
    /** When the log was first signed: older entries are proved as they were then. */
    since: string;
    signature: string;
  };
  /** The last entry of a team that was deleted by age, signed, in place of all of them. */
  chain_stubs: {
    team_id: string;
    team_seq: number;
    seq: number;
    hash: string;
    /** Everything before this day was deleted. */
    until: string;
    made_at: string;
    signature: string;
  };
  /** Which entries of the log have a word in their reason or error. */
  log_words: {
    word: string;
    seq: number;
  };
  /** Which entries of the log name a scope. */
  log_scopes: {
    scope: string;
    seq: number;
  };
}
