import type { Generated, Insertable, Kysely, Selectable } from 'kysely';

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

/** How far the log of a team has been told to a channel or an address. */
export interface SinkTable {
  name: string;
  team_id: string;
  /** The last entry that was taken there. */
  seq: number;
  /** Of the next one, so far. */
  attempts: Generated<number>;
  /** ms; not before then: a pause after a fault, or somebody is at it now. */
  due_at_ms: Generated<number>;
  owner: string | null;
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

/** Which entries of the log name a scope. */
export interface LogScopeTable {
  scope: string;
  seq: number;
}

/** What users are still to be told; a row goes when Slack has taken the message. */
export interface NoticeTable {
  id: Generated<number>;
  team_id: string;
  user_id: string;
  event: string;
  /** JSON list. */
  scopes: string;
  attempts: number;
  /** Not to be sent before this time, in ms: a pause after a fault, or somebody is sending it now. */
  due_at_ms: number;
  enterprise_id: string | null;
}

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

export interface Schema {
  permission_requests: PermissionRequestTable;
  request_triggers: RequestTriggerTable;
  grants: GrantTable;
  grant_log: GrantLogTable;
  log_scopes: LogScopeTable;
  received_events: ReceivedEventTable;
  sweeps: SweepTable;
  notices: NoticeTable;
  bot_installations: BotInstallationTable;
  user_tokens: UserTokenTable;
  workspaces: WorkspaceTable;
  oauth_states: OAuthStateTable;
  chains: ChainTable;
  chain_stubs: ChainStubTable;
  chain_list: ChainListTable;
  log_words: LogWordTable;
  sinks: SinkTable;
  rushes: RushTable;
  turns: TurnTable;
  admin_links: AdminLinkTable;
  admin_sessions: AdminSessionTable;
  access_log: AccessLogTable;
  homes: HomeTable;
}

/** What stores take: the database itself, or a transaction on it. */
export type Queryable = Kysely<Schema>;

export type PermissionRequestRow = Selectable<PermissionRequestTable>;
export type GrantRow = Selectable<GrantTable>;
export type SweepRow = Selectable<SweepTable>;
export type GrantLogRow = Selectable<GrantLogTable>;
export type NewGrantLogRow = Insertable<GrantLogTable>;
export type NoticeRow = Selectable<NoticeTable>;
