import type { WebClient } from '@slack/web-api';
import type { Admins } from '../services/admins';
import type { Background } from '../services/background';
import type { Clock } from '../services/clock';
import type { Grants } from '../services/grants/grants';
import type { Recorder } from '../services/grants/recorder';
import type { Logger } from '../services/logger';
import type { Permissions } from '../services/permissions/permissions';
import type { Sync } from '../services/sync/sync';
import type { TriggerExchange } from '../services/trigger/exchange';

/** What listeners are made from. Each takes the few that it needs. */
export interface ListenerDependencies {
  permissions: Permissions;
  grants: Grants;
  recorder: Recorder;
  admins: Admins;
  sync: Sync;
  /** For the calls that use up a trigger to open a form. */
  exchange: TriggerExchange;
  /** For messages, which can wait. */
  client: WebClient;
  background: Background;
  clock: Clock;
  logger: Logger;
}
