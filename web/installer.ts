import { InstallProvider } from '@slack/oauth';
import type { ProxySettings } from '../services/config/config';
import type { OAuth } from '../services/oauth/oauth';
import type { Logger } from '../services/runtime/logger';
import { toSlackLogger } from '../services/slack/bolt-logger';
import { createFetch } from '../services/slack/connections';

/** Holds the `state` in the browser that began. */
export const STATE_COOKIE = 'scopekeeper_install';

/**
 * Slack's own `InstallProvider`, for the address, the browser's cookie, and the exchange of the code. Tokens and states
 * are ours to keep, and it never hands one out: its `authorize` renews a token once for each caller.
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
    // A page of ours with a button would hold the state; the redirect to Slack alone has it.
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
