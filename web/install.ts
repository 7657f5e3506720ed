import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CustomRoute } from '@slack/bolt';
import { INSTALL_PATH, REDIRECT_PATH } from '../services/config';
import type { Consents } from '../services/consent/consents';
import { toMessage } from '../services/errors';
import type { ProxySettings } from '../services/http';
import type { OAuth } from '../services/installations/oauth';
import type { Logger } from '../services/logger';
import { sendConsentPage } from './consent-page';
import { sendInstalledPage, sendNotInstalledPage } from './install-page';
import { createInstaller } from './installer';
import { sendPage } from './page';

/**
 * `GET /slack/install`, which goes to Slack, and `GET /slack/oauth_redirect`, to which Slack sends the browser back from
 * installing and from consenting. The `state` is looked at before anything else that the address says.
 */
export function createOAuthRoutes({
  consents,
  oauth,
  slackApiUrl,
  proxy,
  mayInstall,
  logger,
}: {
  consents: Consents;
  oauth: OAuth;
  slackApiUrl: string;
  proxy: ProxySettings;
  /** Not where `SLACK_BOT_TOKEN` names the one workspace. */
  mayInstall: boolean;
  logger: Logger;
}): CustomRoute[] {
  const { installStates: states } = oauth;
  const installer = createInstaller({ oauth, slackApiUrl, proxy, logger });

  function toRoute(
    path: string,
    handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): CustomRoute {
    return {
      path,
      method: 'GET',
      handler(request, response) {
        handle(request, response).catch((error: unknown) => {
          logger.error({ err: error }, 'a page could not be served');
          if (response.headersSent) response.destroy();
          else sendPage(response, 500, { title: 'Something went wrong', children: 'Try again in a minute.' });
        });
      },
    };
  }

  async function finishInstalling(
    { state, error }: { state: string; error: string | undefined },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (error !== undefined) {
      await states.take(state);
      logger.info({ error }, 'the app was not installed');
      return sendNotInstalledPage(response, 200, 'It was refused on Slack’s page.');
    }
    await installer.handleCallback(request, response, {
      success({ team, enterprise, isEnterpriseInstall }) {
        const name = isEnterpriseInstall ? enterprise?.name : team?.name;
        logger.info({ team_id: team?.id, enterprise_id: enterprise?.id }, 'the app was installed');
        sendInstalledPage(response, name);
      },
      failure(fault) {
        logger.warn({ error: toMessage(fault) }, 'the app could not be installed');
        const isForeign = fault.code === 'slack_oauth_invalid_state';
        const why = isForeign
          ? 'It was begun in another browser, or long ago.'
          : `Slack did not complete it (${toMessage(fault)}).`;
        sendNotInstalledPage(response, isForeign ? 400 : 502, why);
      },
    });
  }

  const redirect = toRoute(REDIRECT_PATH, async (request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const state = query.get('state') ?? '';
    const error = query.get('error') ?? undefined;
    const description = query.get('error_description') ?? undefined;
    if (mayInstall && (await states.isLive(state))) {
      return finishInstalling({ state, error }, request, response);
    }
    const code = query.get('code') ?? undefined;
    sendConsentPage(response, await consents.finish({ state, code, error, description }));
  });
  if (!mayInstall) return [redirect];

  const install = toRoute(INSTALL_PATH, (request, response) =>
    installer.handleInstallPath(request, response, undefined, states.options),
  );
  return [redirect, install];
}
