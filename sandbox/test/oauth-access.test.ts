import { WebClient } from '@slack/web-api';
import { type OauthWorld, startOauthWorld, userTokenOf } from './support/oauth-world';

let world: OauthWorld;
beforeEach(async () => {
  world = await startOauthWorld();
});
afterEach(() => world.close());

const TEAM = { id: 'T0SANDBOX', name: 'Sandbox' };

/** A code that nobody has exchanged. */
async function freshCode(query: Record<string, string> = { user_scope: 'reminders:write' }) {
  const page = await (await world.openConsent('U0BEN', query)).allow({ dropRedirect: true });
  return new URL(page.redirect ?? '').searchParams.get('code') ?? '';
}

test('a consent of a user alone: their token, and no bot token', async () => {
  expect(await world.consent('U0BEN')).toEqual({
    ok: true,
    app_id: 'A0SANDBOX',
    team: TEAM,
    enterprise: null,
    is_enterprise_install: false,
    authed_user: {
      id: 'U0BEN',
      scope: 'reminders:write',
      access_token: expect.stringMatching(/^xoxp-/),
      token_type: 'user',
    },
  });
});

test('an install: the bot’s token, and the user without one', async () => {
  expect(await world.consent('U0ADA', { scope: 'chat:write,commands' }, { teamId: 'T0SECOND' })).toEqual({
    ok: true,
    app_id: 'A0SANDBOX',
    access_token: expect.stringMatching(/^xoxb-/),
    token_type: 'bot',
    scope: 'chat:write,commands',
    bot_user_id: 'U0APPSECOND',
    team: { id: 'T0SECOND', name: 'Second' },
    enterprise: null,
    is_enterprise_install: false,
    authed_user: { id: 'U0ADA' },
  });
});

test('both at once', async () => {
  const answer = await world.consent('U0ADA', { scope: 'commands', user_scope: 'dnd:read' });
  // Installed in T0SANDBOX already: the same token, and the scopes add up.
  expect(answer).toMatchObject({ access_token: world.sandbox.botToken, token_type: 'bot' });
  expect(String(answer.scope).split(',').sort()).toEqual([
    'chat:write',
    'commands',
    'im:write',
    'users:read',
  ]);
  expect(answer).toMatchObject({ authed_user: { id: 'U0ADA', scope: 'dnd:read', token_type: 'user' } });
});

test('a user’s scopes add up over consents, and the token stays the same', async () => {
  const first = await world.consent('U0BEN', { user_scope: 'reminders:write' });
  const second = await world.consent('U0BEN', { user_scope: 'reminders:read' });

  expect(userTokenOf(second)).toBe(userTokenOf(first));
  expect(second).toMatchObject({ authed_user: { scope: 'reminders:write,reminders:read' } });
  expect(world.sandbox.granted('U0BEN')).toEqual(['reminders:read', 'reminders:write']);
  expect(world.sandbox.userTokens()).toEqual([
    {
      value: userTokenOf(first),
      teamId: 'T0SANDBOX',
      userId: 'U0BEN',
      scopes: ['reminders:read', 'reminders:write'],
      isRevoked: false,
      expiresAt: undefined,
    },
  ]);
});

test('users and workspaces have tokens of their own', async () => {
  const tokens = [
    userTokenOf(await world.consent('U0BEN')),
    userTokenOf(await world.consent('U0CLEO')),
    userTokenOf(await world.consent('U0BEN', { user_scope: 'dnd:read' }, { teamId: 'T0SECOND' })),
  ];
  expect(new Set(tokens).size).toBe(3);
  expect(world.sandbox.granted('U0BEN')).toEqual(['reminders:write']);
  expect(world.sandbox.granted('U0BEN', { teamId: 'T0SECOND' })).toEqual(['dnd:read']);
});

test('all unticked: no token, if there was none', async () => {
  const answer = await world.consent('U0BEN', { user_scope: 'dnd:write' }, { untick: ['dnd:write'] });
  expect(answer.authed_user).toEqual({ id: 'U0BEN' });
  expect(world.sandbox.userTokens()).toEqual([]);
});

test('Slack holds nothing before the code is exchanged', async () => {
  const code = await freshCode();
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
  await world.access({ code });
  expect(world.sandbox.granted('U0BEN')).toEqual(['reminders:write']);
});

test('a code is good for one exchange', async () => {
  const code = await freshCode();
  expect(await world.access({ code })).toMatchObject({ ok: true });
  expect(await world.access({ code })).toEqual({ ok: false, error: 'code_already_used' });
});

test('a code is good for ten minutes', async () => {
  const [inTime, late] = [await freshCode(), await freshCode()];
  await world.clock.advance(10 * 60_000);
  expect(await world.access({ code: inTime })).toMatchObject({ ok: true });
  await world.clock.advance(1);
  expect(await world.access({ code: late })).toEqual({ ok: false, error: 'code_expired' });
});

test.each([
  [{ code: 'nonsense' }, 'invalid_code'],
  [{}, 'invalid_code'],
  [{ client_id: 'other' }, 'invalid_client_id'],
  [{ client_secret: 'other' }, 'bad_client_secret'],
  [{ grant_type: 'password' }, 'invalid_grant_type'],
  [{ grant_type: 'refresh_token', refresh_token: 'nonsense' }, 'invalid_refresh_token'],
  [{ grant_type: 'refresh_token' }, 'invalid_refresh_token'],
])('oauth.v2.access with %p is refused with %s', async (form, error) => {
  expect(await world.access(form)).toEqual({ ok: false, error });
});

test('a redirect_uri that the page was called with has to be repeated, another is refused', async () => {
  const redirect_uri = `${world.oauthApp.redirectUrl}/here`;
  const code = await freshCode({ user_scope: 'dnd:read', redirect_uri });
  const refused = { ok: false, error: 'bad_redirect_uri' };
  expect(await world.access({ code })).toEqual(refused);
  expect(await world.access({ code, redirect_uri: world.oauthApp.redirectUrl })).toEqual(refused);
  expect(await world.access({ code, redirect_uri })).toMatchObject({ ok: true });

  const without = await freshCode();
  expect(await world.access({ code: without, redirect_uri })).toEqual(refused);
  expect(await world.access({ code: without, redirect_uri: world.oauthApp.redirectUrl })).toMatchObject({
    ok: true,
  });
});

test('the app may say who it is by HTTP Basic', async () => {
  const { clientId, clientSecret, apiUrl } = world.sandbox;
  const post = async (secret: string) => {
    const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    const body = new URLSearchParams({ code: await freshCode() });
    return await (
      await fetch(`${apiUrl}oauth.v2.access`, { method: 'POST', headers: { authorization }, body })
    ).json();
  };
  expect(await post(clientSecret)).toMatchObject({ ok: true });
  expect(await post('other')).toEqual({ ok: false, error: 'bad_client_secret' });
});

test('Slack’s own client exchanges, and uses what it got', async () => {
  const { apiUrl: slackApiUrl, clientId: client_id, clientSecret: client_secret } = world.sandbox;
  const anonymous = new WebClient(undefined, { slackApiUrl });
  const answer = await anonymous.oauth.v2.access({ client_id, client_secret, code: await freshCode() });
  const client = new WebClient(answer.authed_user?.access_token, { slackApiUrl });
  const test = await client.auth.test();
  expect(test).toMatchObject({ user: 'ben', user_id: 'U0BEN', team_id: 'T0SANDBOX' });
  expect(test.response_metadata?.scopes).toEqual(['reminders:write']);
  await expect(client.chat.postMessage({ channel: 'U0BEN', text: 'x' })).rejects.toMatchObject({
    data: { error: 'not_allowed_token_type' },
  });
});
