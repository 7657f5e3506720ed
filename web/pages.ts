import type { Config } from '../services/config/config';
import type { Clock } from '../services/runtime/clock';
import type { Logger } from '../services/runtime/logger';
import type { Services } from '../services/services';
import { createAdminPages } from './admin/routes';
import { createHealthRoute } from './health';
import { createOAuthRoutes } from './install';
import { createMetricsPages, noMetricsPages } from './metrics';

/** Every route for browsers, health checks and metrics. */
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
}) {
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
    /** Starts the metrics' own port, where one is configured. */
    start: metrics.start,
    /** Ends the live streams. */
    endStreams: admin.stop,
    stop: metrics.stop,
  };
}
