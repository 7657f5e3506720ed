import type { Generated } from 'kysely';

/** An encrypted token, and what renews it. */
interface TokenColumns {
  /** Seconds, by Slack's clock: when it was granted. An older removal does not concern it. */
  mark: number;
  token: string;
  refresh_token: string | null;
  /** null: it does not expire. */
  expires_at_ms: number | null;
  /** ms: until then an instance has leased the renewal. */
  refresh_until_ms: Generated<number>;
}

export interface OAuthTables {
  /** The app in a workspace, or, where `team_id` is empty, in a whole enterprise. */
  bot_installations: TokenColumns & {
    /** The enterprise for which the token was encrypted, empty for none: part of the associated data. */
    enterprise_id: string;
    team_id: string;
    /** Of the workspace or the enterprise. */
    name: string | null;
    app_id: string | null;
    bot_id: string | null;
    bot_user_id: string | null;
    /** JSON list. */
    scopes: string;
    installed_by: string;
    installed_at: string;
  };
  /** A user's token from a consent: one row per user and workspace. Its scopes are in `grants`. */
  user_tokens: TokenColumns & {
    /** The enterprise for which the token was encrypted, empty for none: not part of the identity. */
    enterprise_id: string;
    team_id: string;
    user_id: string;
    /** ms: since when Slack has refused it with an error that does not say that it ended. */
    doubted_at_ms: number | null;
  };
  /** A workspace, and the enterprise that it is in, as Slack last said. */
  workspaces: {
    /** A workspace's id; for `ended_mark` also an enterprise's. */
    team_id: string;
    /** Empty: it is in none, or the enterprise's installation does not reach it (any more). */
    enterprise_id: string;
    /** Seconds, by Slack's clock: when its last installation ended. 0: none has. */
    ended_mark: Generated<number>;
  };
  /** The `state` that a browser brings back from Slack. Only its SHA-256 is stored. */
  oauth_states: {
    state_hash: string;
    purpose: 'install' | 'consent';
    /** Of a consent: the request, and the user who is to answer it. */
    request_id: string | null;
    enterprise_id: string | null;
    team_id: string | null;
    user_id: string | null;
    /** The modal that shows the outcome. */
    view_id: string | null;
    expires_at_ms: number;
    used_at: string | null;
  };
}
