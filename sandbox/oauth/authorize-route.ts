import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSameOrigin } from '../client/same-origin';
import type { Route } from '../http/api-route';
import { readBody } from '../http/read-body';
import { sendReply, sendTooLarge, textReply } from '../http/reply';
import type { Slack } from '../state/slack';
import { placesFor, toAuthorizeModel } from './authorize-model';
import { renderAuthorizePage } from './authorize-page';
import { type AuthorizeRequest, readAuthorizeRequest } from './authorize-request';
import { renderErrorPage } from './error-page';
import { frameHeaders } from './frame';
import { listHumans, readSignedIn, signInCookie } from './sign-in';

/** `/oauth/v2/authorize`: the consent page, and what its form sends. */
export function createAuthorizeRoute({ slack }: { slack: Slack }): Route {
  async function show(req: IncomingMessage, res: ServerResponse, query: URLSearchParams): Promise<void> {
    const request = readAuthorizeRequest(slack, query);
    if ('error' in request) return sendError(res, request.error);
    const as = query.get('as');
    const person = readSignedIn(slack, req, as);
    const model = toAuthorizeModel(slack, request, person, query);
    const headers = frameHeaders([new URL(request.returnTo).origin]);
    if (as) headers['Set-Cookie'] = signInCookie(person.id);
    sendReply(res, { status: 200, headers, body: renderAuthorizePage(model, listHumans(slack)) });
  }

  async function decide(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req);
    if (body === 'too_large') return sendTooLarge(res);
    const form = new URLSearchParams(body.toString('utf8'));
    const request = readAuthorizeRequest(slack, form);
    if ('error' in request) return sendError(res, request.error);
    const decision = form.get('decision');
    const answer = decision === 'allow' ? allow(request, form) : toRefusal(decision);
    if (!answer) return sendError(res, 'invalid_team');
    const location = new URL(request.returnTo);
    for (const [name, value] of Object.entries({ ...answer, state: request.state })) {
      location.searchParams.set(name, value);
    }
    sendReply(res, { status: 302, headers: { Location: location.href, ...NO_STORE }, body: '' });
  }

  /** Undefined: there this person can allow nothing. */
  function allow(request: AuthorizeRequest, form: URLSearchParams): Record<string, string> | undefined {
    const userId = form.get('user') ?? '';
    const places = placesFor(slack, request, userId);
    const asked = form.get('place');
    const place = asked ? places.find(({ id }) => id === asked) : places[0];
    if (!place) return undefined;
    const ticked = form.getAll('ticked');
    const { optionalScopes } = slack.client;
    const { botScopes, redirectUri } = request;
    const userScopes = request.userScopes.filter(
      (scope) => !optionalScopes.includes(scope) || ticked.includes(scope),
    );
    const teamId = slack.find(place.id)?.team.id;
    return { code: slack.codes.mint({ userId, teamId, botScopes, userScopes, redirectUri }) };
  }

  return async (req, res, url) => {
    if (req.method === 'GET') return await show(req, res, url.searchParams);
    if (req.method !== 'POST') return sendReply(res, textReply('Method not allowed', 405));
    if (!isSameOrigin(req, slack.address.url)) {
      return sendReply(res, textReply('Only for the page of this sandbox.', 403));
    }
    await decide(req, res);
  };
}

/** Only a person's own refusal is described: https://github.com/slackapi/bolt-python/issues/1454 */
function toRefusal(decision: string | null): Record<string, string> {
  if (decision === 'refuse') return { error: 'access_denied' };
  return {
    error: 'access_denied',
    error_description: 'The user has denied access to the scope(s) requested by the client application.',
  };
}

const NO_STORE = { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' };

function sendError(res: ServerResponse, error: Parameters<typeof renderErrorPage>[0]): void {
  sendReply(res, { status: 400, headers: frameHeaders(), body: renderErrorPage(error) });
}
