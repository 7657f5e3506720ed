import { type OauthWorld, startOauthWorld } from './support/oauth-world';

let world: OauthWorld;
beforeEach(async () => {
  world = await startOauthWorld();
});
afterEach(() => world.close());

const ASKED = { user_scope: 'reminders:write,dnd:write' };

test('it says who asks whom for what, and what may be left out', async () => {
  const page = await world.openConsent('U0BEN', ASKED);

  expect(page.status).toBe(200);
  expect(page.authorize).toEqual({
    userId: 'U0BEN',
    scopes: [
      { scope: 'reminders:write', optional: false, granted: false },
      { scope: 'dnd:write', optional: true, granted: false },
    ],
    botScopes: [],
    teams: [
      { id: 'T0SANDBOX', name: 'Sandbox' },
      { id: 'T0SECOND', name: 'Second' },
    ],
  });
  expect(page.text).toContain('Scopekeeper wants to act for Ben Member');
  expect(page.text).toContain('Create and change your reminders');
  expect(page.html).toMatch(/<input type="checkbox"[^>]*value="reminders:write"[^>]*disabled/);
  expect(page.html).not.toMatch(/<input type="checkbox"[^>]*value="dnd:write"[^>]*disabled/);
});

test('allow: back to the app with a code and the state', async () => {
  const page = await (await world.openConsent('U0BEN', ASKED)).allow();

  expect(page.text).toBe('Back at the app');
  const [query] = world.oauthApp.callbacks;
  expect(query?.get('state')).toBe('state-1');
  expect(query?.get('code')).toMatch(/^\d+\.\d+\.[0-9a-f]{64}$/);
  expect(page.url).toBe(`${world.oauthApp.redirectUrl}?${query}`);
});

test('deny: back to the app with access_denied, described, and the state', async () => {
  await (await world.openConsent('U0BEN', ASKED)).deny();

  expect(Object.fromEntries(world.oauthApp.callbacks[0] ?? [])).toEqual({
    error: 'access_denied',
    error_description: 'The user has denied access to the scope(s) requested by the client application.',
    state: 'state-1',
  });
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
});

test('a refusal of Slack’s own: access_denied without a description', async () => {
  await (await world.openConsent('U0BEN', ASKED)).deny({ bySlack: true });

  expect(Object.fromEntries(world.oauthApp.callbacks[0] ?? [])).toEqual({
    error: 'access_denied',
    state: 'state-1',
  });
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
});

test('leaving it: the app hears nothing', async () => {
  await world.openConsent('U0BEN', ASKED);
  await world.sandbox.settled();
  expect(world.oauthApp.callbacks).toEqual([]);
});

test('the redirect can be caught before the app is called', async () => {
  const page = await (await world.openConsent('U0BEN', ASKED)).allow({ dropRedirect: true });

  expect(page.status).toBe(302);
  expect(page.redirect).toMatch(new RegExp(`^${world.oauthApp.redirectUrl}\\?code=[^&]+&state=state-1$`));
  expect(world.oauthApp.callbacks).toEqual([]);
  const denied = await (await world.openConsent('U0BEN', ASKED)).deny({ dropRedirect: true });
  expect(denied.redirect).toContain('error=access_denied');
});

test('optional scopes can be unticked, others cannot', async () => {
  const page = await world.openConsent('U0BEN', ASKED);
  await expect(page.allow({ untick: ['reminders:write'] })).rejects.toThrow(
    'reminders:write cannot be unticked; dnd:write can.',
  );
  await page.allow({ untick: ['dnd:write'] });
  await world.access({ code: world.oauthApp.callbacks[0]?.get('code') ?? '' });
  expect(world.sandbox.granted('U0BEN')).toEqual(['reminders:write']);
});

test('a required scope is granted whatever the form says', async () => {
  const { clientId: client_id, url } = world.sandbox;
  const form = { client_id, ...ASKED, user: 'U0BEN', decision: 'allow', ticked: 'files:write' };
  const response = await fetch(`${url}/oauth/v2/authorize`, {
    method: 'POST',
    body: new URLSearchParams(form),
    redirect: 'manual',
  });
  const code = new URL(response.headers.get('location') ?? '').searchParams.get('code') ?? '';
  expect(await world.access({ code })).toMatchObject({ authed_user: { scope: 'reminders:write' } });
});

test('what is granted already is shown as such', async () => {
  await world.consent('U0BEN', { user_scope: 'dnd:write' });
  const page = await world.openConsent('U0BEN', ASKED);
  expect(page.authorize?.scopes).toContainEqual({ scope: 'dnd:write', optional: true, granted: true });
  expect(page.text).toContain('granted already');
  await expect(page.allow({ untick: ['dnd:write'] })).rejects.toThrow('cannot be unticked; nothing can');
});

test('a browser remembers who is signed in, and another account can take over', async () => {
  const { browser } = world.sandbox.as('U0BEN');
  expect((await browser.open(world.consentUrl(ASKED))).authorize?.userId).toBe('U0BEN');
  browser.signInAs('U0CLEO');
  expect((await browser.open(world.consentUrl(ASKED))).authorize?.userId).toBe('U0CLEO');
  expect((await browser.open(world.consentUrl({ ...ASKED, as: 'U0ADA' }))).authorize?.userId).toBe('U0ADA');
  expect((await browser.open(world.consentUrl(ASKED))).authorize?.userId).toBe('U0ADA');
  expect(() => browser.signInAs('U0NOBODY')).toThrow('There is no person U0NOBODY');
  expect(world.sandbox.as('U0BEN', { teamId: 'T0SECOND' }).browser).toBe(browser);
});

test('the page of the workspace signs in, too', async () => {
  const { browser } = world.sandbox.as('U0BEN');
  await browser.open(`${world.sandbox.url}/?user=U0CLEO`);
  expect((await browser.open(world.consentUrl(ASKED))).authorize?.userId).toBe('U0CLEO');
  // The page reads its state after each change, in every tab; only the tab in use says who is signed in.
  await browser.open(`${world.sandbox.url}/client/state?user=U0ADA`);
  expect((await browser.open(world.consentUrl(ASKED))).authorize?.userId).toBe('U0CLEO');
  await browser.open(`${world.sandbox.url}/client/state?user=U0ADA&sign_in=1`);
  expect((await browser.open(world.consentUrl(ASKED))).authorize?.userId).toBe('U0ADA');
});

test('a workspace that is asked for stands fast', async () => {
  const page = await world.openConsent('U0BEN', { ...ASKED, team: 'T0SECOND' });
  expect(page.authorize?.teams).toEqual([{ id: 'T0SECOND', name: 'Second' }]);
  await expect(page.allow({ teamId: 'T0SANDBOX' })).rejects.toThrow('does not offer T0SANDBOX');
  await page.allow();
  await world.access({ code: world.oauthApp.callbacks[0]?.get('code') ?? '' });
  expect(world.sandbox.granted('U0BEN', { teamId: 'T0SECOND' })).toContain('reminders:write');
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
});

test('whoever is not in the workspace can allow nothing there', async () => {
  const page = await world.openConsent('U0DORA', { ...ASKED, team: 'T0SANDBOX' });
  expect(page.text).toContain('Dora Admin is not in this workspace');
  await expect(page.allow()).rejects.toThrow('There is nothing to allow or deny on this page');
  await expect(page.deny()).rejects.toThrow('There is nothing to allow or deny');
  const form = { client_id: world.sandbox.clientId, ...ASKED, user: 'U0DORA', place: 'T0SANDBOX' };
  const { status } = await fetch(`${world.sandbox.url}/oauth/v2/authorize`, {
    method: 'POST',
    body: new URLSearchParams({ ...form, decision: 'allow' }),
  });
  expect(status).toBe(400);
});

test.each([
  ['invalid_client_id', { client_id: 'other', ...ASKED }],
  ['invalid_scope', { user_scope: 'reminders:write:user' }],
  ['invalid_scope', { user_scope: 'nonsense' }],
  ['invalid_scope', {}],
  ['invalid_scope', { scope: 'admin.users:write' }],
  ['invalid_team', { ...ASKED, team: 'T0NONE' }],
  ['bad_redirect_uri', { ...ASKED, redirect_uri: 'http://evil.invalid/slack/oauth_redirect' }],
])('%s is told on a page of Slack', async (error, query) => {
  const page = await world.openConsent('U0BEN', query);
  expect(page.status).toBe(400);
  expect(page.text).toContain(error);
  expect(page.authorize).toBeUndefined();
  expect(world.oauthApp.callbacks).toEqual([]);
});

test('a redirect_uri has to begin with the configured one', async () => {
  const { redirectUrl } = world.oauthApp;
  const statusOf = async (redirect_uri: string) =>
    (await world.openConsent('U0BEN', { ...ASKED, redirect_uri })).status;
  expect(await statusOf(redirectUrl)).toBe(200);
  expect(await statusOf(`${redirectUrl}/below?x=1`)).toBe(200);
  expect(await statusOf(`${redirectUrl}-evil`)).toBe(400);
  expect(await statusOf(redirectUrl.replace('127.0.0.1', 'localhost'))).toBe(400);
  expect(await statusOf(redirectUrl.replace('://', '://a@'))).toBe(400);
  expect(await statusOf('javascript:alert(1)')).toBe(400);

  world.sandbox.setRedirectUrl('http://127.0.0.1:9/elsewhere');
  expect(await statusOf(redirectUrl)).toBe(400);
});

test('without a configured redirect URL there is no way back', async () => {
  const bare = await startOauthWorld({ redirectUrl: undefined });
  expect((await bare.openConsent('U0BEN', ASKED)).text).toContain('bad_redirect_uri');
  await bare.close();
});

test('another site cannot allow in a person’s name', async () => {
  const form = { client_id: world.sandbox.clientId, ...ASKED, user: 'U0BEN', decision: 'allow' };
  const { status } = await fetch(`${world.sandbox.url}/oauth/v2/authorize`, {
    method: 'POST',
    headers: { origin: 'http://evil.invalid' },
    body: new URLSearchParams(form),
    redirect: 'manual',
  });
  expect(status).toBe(403);
});

test('it has no script, and its form leads to the app only', async () => {
  const { html, headers } = await world.openConsent('U0BEN', { ...ASKED, state: '</script><script>x' });
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain('<script type="application/json"');
  // Whatever keeps the referrer from the page itself makes a browser post its form as from nowhere.
  expect(headers['referrer-policy']).toBe('same-origin');
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`form-action 'self' ${new URL(world.oauthApp.redirectUrl).origin}`);
  const styles = [...html.matchAll(/href="(\/page\/styles\/[\w.]+)"/g)].map(([, path]) => path);
  expect(styles.length).toBeGreaterThan(4);
  for (const path of styles) expect((await fetch(world.sandbox.url + path)).status).toBe(200);
});
