import type { Config } from '../services/config/config';
import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { Services } from '../services/services';
import { createAdminPages } from './admin/routes';
import { createHealthRoute } from './health';
import { createOAuthRoutes } from './install';
import { createMetricsPages, type MetricsPages, noMetricsPages } from './metrics';
import type { Route } from './server';

/** Every route for browsers, health checks and metrics. */
export interface WebPages {
  routes: Route[];
  /** Starts the metrics' own port, where one is configured. */
  start: MetricsPages['start'];
  /** Ends the live streams. */
  endStreams(): void;
  stop: MetricsPages['stop'];
}

export function createWebPages({
  config,
  services,
  exposition,
  check,
  clock,
  logger,
}: {
  config: Config;
  services: Services;
  /** Undefined where no metrics are configured. */
  exposition: Parameters<typeof createMetricsPages>[0]['exposition'] | undefined;
  /** Throws unless the database can be written now. */
  check: () => Promise<void>;
  clock: Clock;
  logger: Logger;
}): WebPages {
  const { oauth, consents, adminLinks } = services;
  const { slackApiUrl, proxy, botToken, publicUrl, syncIntervalMs } = config;
  const metrics =
    exposition === undefined
      ? noMetricsPages
      : createMetricsPages({ config: config.metrics, exposition, logger });
  const admin = createAdminPages({
    ...services,
    links: adminLinks,
    syncIntervalMs,
    publicUrl,
    clock,
    logger,
  });
  const mayInstall = botToken === undefined;
  const oauthRoutes =
    oauth === undefined || consents === undefined
      ? []
      : createOAuthRoutes({ consents, oauth, slackApiUrl, publicUrl, proxy, mayInstall, logger });
  if (oauth?.allowedTeams.allowsEveryone && mayInstall) {
    logger.warn({}, 'INSTALL_ALLOWED_TEAMS is empty: anyone who opens /slack/install can install the app');
  }
  return {
    routes: [
      ...metrics.routes,
      ...admin.routes,
      createHealthRoute({ check, toOldestWaitMs: services.recorder.toOldestWaitMs, logger }),
      ...oauthRoutes,
    ],
    start: metrics.start,
    endStreams: admin.stop,
    stop: metrics.stop,
  };
}
