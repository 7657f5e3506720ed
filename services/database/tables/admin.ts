import type { Generated } from 'kysely';

export interface AdminTables {
  /** Private links to the admin page, by SHA-256. */
  admin_links: {
    token_hash: string;
    enterprise_id: string | null;
    team_id: string;
    user_id: string;
    expires_at_ms: number;
    used_at: string | null;
  };
  /** Sessions of admins, by the SHA-256 of their id. */
  admin_sessions: {
    id_hash: string;
    enterprise_id: string | null;
    team_id: string;
    user_id: string;
    begun_at: string;
    /** ms: the last request. */
    seen_at_ms: number;
    /** ms: when Slack last said that this is an admin. */
    checked_at_ms: number;
  };
  /** Which admins read what, and what they did. Not chained. */
  access_log: {
    seq: Generated<number>;
    at: string;
    team_id: string;
    user_id: string;
    event: string;
    detail: string | null;
  };
  /** The App Home of each user who has opened it, and how far it is behind the log. */
  homes: {
    team_id: string;
    user_id: string;
    enterprise_id: string | null;
    opened_at: string;
    /** 1 where it shows the log too; null: Slack has to be asked. */
    is_admin: number | null;
    /** The newest entry of the team when its content was read. */
    published_seq: Generated<number>;
    /** ms: when it was read. */
    published_at_ms: Generated<number>;
    /** The newest entry of the team when it was found to be stale. */
    stale_seq: Generated<number>;
    /** ms: when to publish it again; null: it is up to date. */
    due_at_ms: number | null;
    /** ms: not before, while an instance has leased it or Slack limits the rate. */
    free_at_ms: Generated<number>;
    /** Failed ones, since it was last published. */
    attempts: Generated<number>;
  };
}
