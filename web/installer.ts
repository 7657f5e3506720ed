import { InstallProvider } from '@slack/oauth';
import type { ProxySettings } from '../services/config/config';
import type { OAuth } from '../services/oauth/oauth';
import type { Logger } from '../services/runtime/logger';
import { toSlackLogger } from '../services/slack/bolt-logger';
import { createFetch } from '../services/slack/connections';

/** Holds the `state` in the browser that began the installation. */
export const STATE_COOKIE = 'scopekeeper_install';

/**
 * Slack's own `InstallProvider`, for the address, the browser's cookie, and the exchange of the code. We store tokens and states
 * ourselves, and never call its `authorize`: it would renew a token once for each concurrent caller.
 */
export function createInstaller({
  oauth: { client, authorizeUrl, installationStore, installStates },
  slackApiUrl,
  proxy,
  logger,
}: {
  oauth: OAuth;
  slackApiUrl: string;
  proxy: ProxySettings;
  logger: Logger;
}): InstallProvider {
  return new InstallProvider({
    ...client,
    authorizationUrl: authorizeUrl,
    installationStore,
    stateStore: installStates.store,
    stateCookieName: STATE_COOKIE,
    // A page with a button would contain the state; only the redirect to Slack must.
    directInstall: true,
    logger: toSlackLogger(logger),
    clientOptions: {
      slackApiUrl,
      retryConfig: { retries: 1 },
      timeout: 10_000,
      fetch: createFetch(proxy),
    },
  });
}
