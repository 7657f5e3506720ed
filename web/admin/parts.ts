import type { AccessLog } from '../../services/admin/access-log';
import type { AdminReports } from '../../services/admin/admin-reports';
import type { AdminLinks } from '../../services/admin/links';
import type { SessionMonitor } from '../../services/admin/session-monitor';
import type { Sessions } from '../../services/admin/sessions';
import type { VisibleTeams } from '../../services/admin/visible-teams';
import type { Catalog } from '../../services/config/catalog';
import type { Grants } from '../../services/grants/grants';
import type { Tail } from '../../services/grants/log/tail';
import type { Background } from '../../services/runtime/background';
import type { Clock } from '../../services/runtime/clock';
import type { Logger } from '../../services/runtime/logger';
import type { Sync } from '../../services/sync/sync';

/** Dependencies of the admin pages. Each page picks those that it needs. */
export interface AdminParts {
  links: AdminLinks;
  sessions: Sessions;
  sessionMonitor: SessionMonitor;
  teams: VisibleTeams;
  accessLog: AccessLog;
  adminReports: AdminReports;
  grants: Grants;
  tail: Tail;
  sync: Sync;
  /** 0: a sync runs only on demand. */
  syncIntervalMs: number;
  catalog: Catalog;
  /** `PUBLIC_URL`; undefined where browsers use the address of this machine. */
  publicUrl: string | undefined;
  background: Background;
  clock: Clock;
  logger: Logger;
}
