import type { AccessLog } from '../services/admin/access-log';
import type { Admins } from '../services/admin/admins';
import type { Homes } from '../services/admin/app-home/homes';
import type { AdminLinks } from '../services/admin/links';
import type { Consents } from '../services/answers/consent/consents';
import type { Revocation } from '../services/answers/consent/revoke';
import type { Recorder } from '../services/answers/recorder';
import type { Catalog } from '../services/config/catalog';
import type { Grants } from '../services/grants/grants';
import type { Messenger } from '../services/messages/messenger';
import type { LateMessages } from '../services/messages/retrying';
import type { Organisations } from '../services/oauth/organisations';
import type { Workspaces } from '../services/oauth/workspaces';
import type { TriggerExchange } from '../services/permissions/exchange/exchange';
import type { Permissions } from '../services/permissions/permissions';
import type { Background } from '../services/runtime/background';
import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { Sync } from '../services/sync/sync';
import type { WaitingReplies } from './waiting-replies';

/** What listeners are made from. Each takes the few that it needs. */
export interface ListenerDependencies {
  permissions: Permissions;
  catalog: Catalog;
  grants: Grants;
  recorder: Recorder;
  admins: Admins;
  /** To the page for admins in the browser. */
  adminLinks: AdminLinks;
  /** Who was refused, and who began a sync. */
  accessLog: AccessLog;
  sync: Sync;
  homes: Homes;
  /** For the calls that use up a trigger to open a form. */
  exchange: TriggerExchange;
  /** For messages, which can wait. */
  messenger: Messenger;
  /** For answers to people, which have to arrive. */
  lateMessages: LateMessages;
  /** Undefined where permissions are never asked for over OAuth. */
  consents: Consents | undefined;
  revocation: Revocation;
  workspaces: Workspaces;
  organisations: Organisations;
  waitingReplies: WaitingReplies;
  background: Background;
  clock: Clock;
  logger: Logger;
}
