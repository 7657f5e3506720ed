import type { AllowOptions, Page, SandboxOptions } from '../../types';
import { type OauthApp, startOauthApp } from './oauth-app';
import { startWorld, type World } from './world';

type Answer = Record<string, unknown>;

export interface OauthWorld extends World {
  oauthApp: OauthApp;
  /** The address of the consent page; the scopes are the user's. */
  consentUrl(query?: Record<string, string>): string;
  /** Somebody opens the consent page. */
  openConsent(userId: string, query?: Record<string, string>): Promise<Page>;
  /** Somebody allows, and the app exchanges the code. */
  consent(userId: string, query?: Record<string, string>, allow?: AllowOptions): Promise<Answer>;
  /** `oauth.v2.access` with this in the form; the client's id and secret stand in it already. */
  access(form: Record<string, string>): Promise<Answer>;
  /** Any method, with any token. */
  callAs(token: string, method: string, args?: Record<string, string>): Promise<Answer>;
}

export async function startOauthWorld(options: SandboxOptions = {}): Promise<OauthWorld> {
  const oauthApp = await startOauthApp();
  const { redirectUrl } = oauthApp;
  const optionalScopes = ['dnd:write'];
  const world = await startWorld({ redirectUrl, optionalScopes, ...options });
  const { sandbox } = world;

  const consentUrl = (query: Record<string, string> = {}) =>
    `${sandbox.authorizeUrl}?${new URLSearchParams({ client_id: sandbox.clientId, state: 'state-1', ...query })}`;
  const openConsent = (userId: string, query = {}) =>
    sandbox.as(userId, homeOf(userId)).browser.open(consentUrl(query));

  /** As text: `fetch` would name a charset, which is warned of. */
  async function post(method: string, form: Record<string, string>): Promise<Answer> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(form).toString();
    return (await (await fetch(sandbox.apiUrl + method, { method: 'POST', headers, body })).json()) as Answer;
  }

  const { clientId: client_id, clientSecret: client_secret } = sandbox;
  const access = (form: Record<string, string>) =>
    post('oauth.v2.access', { client_id, client_secret, ...form });

  return {
    ...world,
    oauthApp,
    consentUrl,
    openConsent,
    access,
    consent: async (userId, query = { user_scope: 'reminders:write' }, allow = {}) => {
      const page = await openConsent(userId, query);
      await page.allow(allow);
      return await access({ code: oauthApp.callbacks.at(-1)?.get('code') ?? '' });
    },
    callAs: (token, method, args = {}) => post(method, { token, ...args }),
    close: async () => {
      await world.close();
      await oauthApp.close();
    },
  };
}

const homeOf = (userId: string) => (userId === 'U0DORA' ? { teamId: 'T0SECOND' } : {});

/** The token that a consent's answer hands to the app for the user. */
export const userTokenOf = (answer: Record<string, unknown>) =>
  (answer.authed_user as { access_token?: string }).access_token ?? '';
