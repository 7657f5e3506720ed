import type { Background } from '../../services/background';
import type { Catalog } from '../../services/catalog';
import type { Clock } from '../../services/clock';
import type { Grants } from '../../services/grants/grants';
import type { Tail } from '../../services/grants/tail';
import type { Logger } from '../../services/logger';
import type { Sync } from '../../services/sync/sync';
import type { AccessLog } from '../../services/watching/access-log';
import type { AdminLinks } from '../../services/watching/links';
import type { SessionWatch } from '../../services/watching/session-watch';
import type { Sessions } from '../../services/watching/sessions';
import type { VisibleTeams } from '../../services/watching/teams';
import type { Watching } from '../../services/watching/watching';

/** What the admin page is made from. Each of its pages takes the few that it needs. */
export interface AdminParts {
  links: AdminLinks;
  sessions: Sessions;
  sessionWatch: SessionWatch;
  teams: VisibleTeams;
  accessLog: AccessLog;
  watching: Watching;
  grants: Grants;
  tail: Tail;
  sync: Sync;
  /** 0: no sync but when it is asked for. */
  syncIntervalMs: number;
  catalog: Catalog;
  /** `PUBLIC_URL`; undefined where browsers come by the address of this machine. */
  publicUrl: string | undefined;
  background: Background;
  clock: Clock;
  logger: Logger;
}
