import type { Insertable, Kysely, Selectable } from 'kysely';
import type { AccessLogTable, AdminLinkTable, AdminSessionTable, HomeTable } from './tables/admin';
import type {
  ChainListTable,
  ChainStubTable,
  ChainTable,
  GrantLogTable,
  LogScopeTable,
  LogWordTable,
} from './tables/grant-log';
import type { GrantTable, ReceivedEventTable, SweepTable } from './tables/grants';
import type { NoticeTable, SinkTable } from './tables/messages';
import type { BotInstallationTable, OAuthStateTable, UserTokenTable, WorkspaceTable } from './tables/oauth';
import type { PermissionRequestTable, RequestTriggerTable, RushTable, TurnTable } from './tables/permissions';

export type * from './tables/admin';
export type * from './tables/grant-log';
export type * from './tables/grants';
export type * from './tables/messages';
export type * from './tables/oauth';
export type * from './tables/permissions';

/** Every table, by the room of `services/` that it serves. */
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
