import type { Generated } from 'kysely';

/** A token, encrypted, and what renews it. */
interface TokenColumns {
  /** Seconds, by Slack's clock: since when it is there. A removal that is older does not concern it. */
  mark: number;
  token: string;
  refresh_token: string | null;
  /** null: it does not expire. */
  expires_at_ms: number | null;
  /** ms; until then an instance is renewing it. */
  refresh_until_ms: Generated<number>;
}

/** The app in a workspace, or, where `team_id` is empty, in a whole organisation. */
export interface BotInstallationTable extends TokenColumns {
  /** The organisation that was named when the token was sealed, empty for none: a part of the seal. */
  enterprise_id: string;
  team_id: string;
  /** Of the workspace or the organisation. */
  name: string | null;
  app_id: string | null;
  bot_id: string | null;
  bot_user_id: string | null;
  /** JSON list. */
  scopes: string;
  installed_by: string;
  installed_at: string;
}

/** What a user's consent brought: one row for a user of a workspace. Which scopes it holds stands in `grants`. */
export interface UserTokenTable extends TokenColumns {
  /** The organisation that was named when the token was sealed, empty for none: a part of the seal, not of the identity. */
  enterprise_id: string;
  team_id: string;
  user_id: string;
  /** ms; since when Slack's word on it casts doubt on it, without ending it. */
  doubted_at_ms: number | null;
}

/** A workspace, and the organisation that it is in, as Slack said last. */
export interface WorkspaceTable {
  /** The workspace's id; for `ended_mark` also an organisation's. */
  team_id: string;
  /** Empty: it is in none, or the organisation's installation does not reach it (any more). */
  enterprise_id: string;
  /** Seconds, by Slack's clock: when the installation ended that it had. 0: none did. */
  ended_mark: Generated<number>;
}

/** What a browser brings back from Slack. Only its SHA-256 is kept. */
export interface OAuthStateTable {
  state_hash: string;
  purpose: 'install' | 'consent';
  /** Of a consent: the request, and who is to answer it. */
  request_id: string | null;
  enterprise_id: string | null;
  team_id: string | null;
  user_id: string | null;
  /** The modal that shows the outcome. */
  view_id: string | null;
  expires_at_ms: number;
  used_at: string | null;
}
