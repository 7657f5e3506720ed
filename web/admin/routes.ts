import { createAccessRoutes } from './access';
import { createAssetRoutes } from './assets';
import { createChartsRoute } from './charts/page';
import { createEnterRoutes } from './enter';
import { createEntryRoute } from './entry';
import { createGuard } from './guard';
import { createHoldersRoute } from './holders';
import { createExportRoute } from './log/export';
import { createLive } from './log/live';
import { createLogRoute } from './log/page';
import type { AdminParts } from './parts';
import { createScopeRoute } from './scope';
import { createSyncRoutes } from './sync';
import { createUserRoute } from './user';

/** The admin pages, under `/admin`. */
export function createAdminPages(parts: AdminParts) {
  const guard = createGuard(parts);
  const live = createLive(guard, parts);
  return {
    routes: [
      ...createEnterRoutes(guard, parts),
      createLogRoute(guard, parts),
      live.route,
      createExportRoute(guard, parts),
      createEntryRoute(guard, parts),
      createHoldersRoute(guard, parts),
      createUserRoute(guard, parts),
      createScopeRoute(guard, parts),
      createChartsRoute(guard, parts),
      ...createSyncRoutes(guard, parts),
      ...createAccessRoutes(guard, parts),
      ...createAssetRoutes(),
    ],
    /** Ends the live streams of the log, which would not end by themselves. */
    stop: live.stop,
  };
}
