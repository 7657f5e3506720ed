import type { Generated } from 'kysely';

/** A private link to the admin page: its SHA-256. */
export interface AdminLinkTable {
  token_hash: string;
  enterprise_id: string | null;
  team_id: string;
  user_id: string;
  expires_at_ms: number;
  used_at: string | null;
}

/** An admin who is signed in: the SHA-256 of the session's id. */
export interface AdminSessionTable {
  id_hash: string;
  enterprise_id: string | null;
  team_id: string;
  user_id: string;
  begun_at: string;
  /** ms: the last request. */
  seen_at_ms: number;
  /** ms: when Slack last said that this is an admin. */
  checked_at_ms: number;
}

/** Who came to what admins alone may have, and what they did there. It is not chained. */
export interface AccessLogTable {
  seq: Generated<number>;
  at: string;
  team_id: string;
  user_id: string;
  event: string;
  detail: string | null;
}

/** The app's home of a user who has opened it, and how far it is behind the log. */
export interface HomeTable {
  team_id: string;
  user_id: string;
  enterprise_id: string | null;
  opened_at: string;
  /** 1 where it shows the log too; null: Slack is to be asked. */
  is_admin: number | null;
  /** The newest entry of the team when what it shows was read. */
  published_seq: Generated<number>;
  /** ms; when that was. */
  published_at_ms: Generated<number>;
  /** The newest entry of the team when something was found that it does not show. */
  stale_seq: Generated<number>;
  /** ms; when to publish it again; null: it shows all there is. */
  due_at_ms: number | null;
  /** ms; not before then: somebody is at it, or Slack asked to wait. */
  free_at_ms: Generated<number>;
  /** In vain, since it was last published. */
  attempts: Generated<number>;
}
