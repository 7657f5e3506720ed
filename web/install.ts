import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Consents } from '../services/answers/consent/consents';
import { ACCESS_DENIED } from '../services/answers/consent/record';
import type { ProxySettings } from '../services/config/config';
import { INSTALL_PATH, REDIRECT_PATH } from '../services/config/config';
import type { OAuth } from '../services/oauth/oauth';
import { toErrorMessage } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { toErrorName } from '../services/slack/errors';
import { isPrefetch, readNamedCookie } from './browser-requests';
import { sendConsentPage } from './consent-page';
import { sendInstalledPage, sendNotInstalledPage } from './install-page';
import { createInstaller, STATE_COOKIE } from './installer';
import { sendPage } from './page';
import type { Route } from './server';
import { createShownAnswers, type ShownAnswer } from './shown-answer';

/**
 * `GET /slack/install`, which redirects to Slack, and `GET /slack/oauth_redirect`, to which Slack sends the browser back after an
 * installation or a consent. The `state` is checked before any other parameter.
 */
export function createOAuthRoutes({
  consents,
  oauth,
  slackApiUrl,
  proxy,
  publicUrl,
  mayInstall,
  logger,
}: {
  consents: Consents;
  oauth: OAuth;
  slackApiUrl: string;
  proxy: ProxySettings;
  publicUrl: string | undefined;
  /** Undefined where `SLACK_BOT_TOKEN` names the one workspace. */
  mayInstall: boolean;
  logger: Logger;
}): Route[] {
  const { installStates: states, allowedTeams } = oauth;
  const installer = createInstaller({ oauth, slackApiUrl, proxy, logger });
  const isSecure = publicUrl?.startsWith('https:') ?? false;
  const shownAnswers = createShownAnswers({ signer: oauth.signer, isSecure });

  function toRoute(
    path: string,
    handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Route {
    return {
      path,
      method: ['GET', 'HEAD'],
      handler(request, response) {
        if (isPrefetch(request)) return sendPrefetchAnswer(request, response);
        handle(request, response).catch((error: unknown) => {
          logger.error({ err: error }, 'failed to serve a page');
          if (response.headersSent) response.destroy();
          else sendPage(response, 503, { title: 'This did not work just now', children: TRY_AGAIN });
        });
      },
    };
  }

  function show(response: ServerResponse, answer: ShownAnswer): void {
    if (answer.kind === 'installed') sendInstalledPage(response, answer.name);
    else if (answer.kind === 'not_installed') sendNotInstalledPage(response, answer.status, answer.why);
    else sendConsentPage(response, answer);
  }

  async function finishInstalling(
    { state, error }: { state: string; error: string | undefined },
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    function end(answer: ShownAnswer): void {
      shownAnswers.keep(request, response, answer);
      show(response, answer);
    }

    // The installer checks it too, except after a refusal: somebody who has only seen the address must not end the installation.
    if (readNamedCookie(request, STATE_COOKIE) !== state) {
      return sendNotInstalledPage(response, 400, 'It was begun in another browser, or long ago.');
    }
    if (error !== undefined) {
      await states.consume(state);
      const name = toErrorName(error, 'invalid_redirect');
      logger.info({ error: name }, 'app not installed');
      const why = name === ACCESS_DENIED ? REFUSED : `Slack did not complete it (${name}).`;
      return end({ kind: 'not_installed', status: 200, why });
    }
    await installer.handleCallback(request, response, {
      async afterInstallation({ team, enterprise, isEnterpriseInstall = false, bot }) {
        if (await allowedTeams.admit({ team, enterprise, isEnterpriseInstall, bot })) return true;
        const about = { team_id: team?.id, enterprise_id: enterprise?.id };
        logger.warn(about, 'app not installed: INSTALL_ALLOWED_TEAMS does not list it');
        end({ kind: 'not_installed', status: 403, why: NOT_ALLOWED });
        return false;
      },
      success({ team, enterprise, isEnterpriseInstall }) {
        const name = isEnterpriseInstall ? enterprise?.name : team?.name;
        logger.info({ team_id: team?.id, enterprise_id: enterprise?.id }, 'app installed');
        end({ kind: 'installed', ...(name !== undefined && { name }) });
      },
      failure(fault) {
        logger.warn({ error: toErrorMessage(fault) }, 'failed to install the app');
        // Any other error comes from the database.
        const isSlacks = fault.code.startsWith('slack_') && fault.code !== 'slack_oauth_unknown_error';
        const why = isSlacks ? `Slack did not complete it (${toErrorMessage(fault)}).` : NOT_STORED;
        end({ kind: 'not_installed', status: isSlacks ? 502 : 503, why });
      },
    });
  }

  const redirect = toRoute(REDIRECT_PATH, async (request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const state = query.get('state') ?? '';
    const error = query.get('error') ?? undefined;
    const description = query.get('error_description') ?? undefined;
    const code = query.get('code') ?? undefined;
    const shown = shownAnswers.find(request);
    if (shown !== undefined && shown.kind !== 'pending') return show(response, shown);
    const check = mayInstall ? await states.check(state) : 'foreign';
    if (check === 'live') return finishInstalling({ state, error }, request, response);
    if (check !== 'foreign') return sendConsentPage(response, { kind: 'not_valid', why: check });
    const result =
      (shown && (await consents.findResult(state))) ??
      (await consents.handleCallback({ state, code, error, description }));
    if (result.kind !== 'not_valid') shownAnswers.keep(request, response, result);
    sendConsentPage(response, result);
  });
  if (!mayInstall) return [redirect];

  const install = toRoute(INSTALL_PATH, (request, response) =>
    installer.handleInstallPath(request, response, undefined, states.options),
  );
  return [redirect, install];
}

const TRY_AGAIN = 'Nothing is lost: reload this page in a minute.';
const REFUSED = 'It was refused on Slack’s page, or your workspace does not allow it yet: ask an admin.';
const NOT_ALLOWED = 'Whoever runs this app has not allowed it there: ask them.';
const NOT_STORED = 'Slack did its part, but it could not be stored here. Try again in a minute.';

/** A browser that prefetched discards this, and requests the page again when somebody opens it. */
function sendPrefetchAnswer({ method }: IncomingMessage, response: ServerResponse): void {
  response.writeHead(method === 'HEAD' ? 200 : 503, { 'cache-control': 'no-store' }).end();
}
