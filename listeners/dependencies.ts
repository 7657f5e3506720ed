import type { Admins } from '../services/admins';
import type { Background } from '../services/background';
import type { Catalog } from '../services/catalog';
import type { Clock } from '../services/clock';
import type { Consents } from '../services/consent/consents';
import type { Revocation } from '../services/consent/revoke';
import type { Grants } from '../services/grants/grants';
import type { Recorder } from '../services/grants/recorder';
import type { Homes } from '../services/homes/homes';
import type { Organisations } from '../services/installations/organisations';
import type { Workspaces } from '../services/installations/workspaces';
import type { LateMessages } from '../services/late-messages';
import type { Logger } from '../services/logger';
import type { Permissions } from '../services/permissions/permissions';
import type { Messenger } from '../services/slack-messages';
import type { Sync } from '../services/sync/sync';
import type { TriggerExchange } from '../services/trigger/exchange';
import type { AccessLog } from '../services/watching/access-log';
import type { AdminLinks } from '../services/watching/links';
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
