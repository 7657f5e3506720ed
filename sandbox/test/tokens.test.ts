import { type OauthWorld, startOauthWorld, userTokenOf } from './support/oauth-world';

let world: OauthWorld;
beforeEach(async () => {
  world = await startOauthWorld();
});
afterEach(() => world.close());

const events = () => world.app.requests.filter(({ payload }) => payload.type === 'event_callback');
const told = () => events().map(({ payload }) => payload.event);

async function scopesOf(token: string): Promise<string | null> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${world.sandbox.apiUrl}auth.test`, { headers })).headers.get('x-oauth-scopes');
}

test('auth.test of a user’s token says whose it is', async () => {
  const token = userTokenOf(await world.consent('U0BEN'));
  expect(await world.callAs(token, 'auth.test')).toEqual({
    ok: true,
    url: 'https://sandbox.slack.com/',
    team: 'Sandbox',
    team_id: 'T0SANDBOX',
    user: 'ben',
    user_id: 'U0BEN',
    is_enterprise_install: false,
  });
});

test('drift: a token can do what Slack holds, and nobody is told', async () => {
  const { sandbox } = world;
  const token = userTokenOf(await world.consent('U0BEN', { user_scope: 'reminders:write,dnd:read' }));
  sandbox.revokeDirectly('U0BEN', ['dnd:read']);
  expect(await scopesOf(token)).toBe('reminders:write');
  sandbox.grantDirectly('U0BEN', ['files:read']);
  expect(await scopesOf(token)).toBe('reminders:write,files:read');
  sandbox.revokeDirectly('U0BEN');
  expect(await world.callAs(token, 'auth.test')).toEqual({ ok: false, error: 'token_revoked' });
  await sandbox.settled();
  expect(told()).toEqual([]);
});

test('the last scope takes the token with it', async () => {
  const token = userTokenOf(await world.consent('U0BEN'));
  world.sandbox.revokeDirectly('U0BEN', ['reminders:write']);
  expect(await world.callAs(token, 'auth.test')).toMatchObject({ error: 'token_revoked' });
});

test('auth.revoke: the whole token goes, and the app is told', async () => {
  const token = userTokenOf(await world.consent('U0BEN', { user_scope: 'reminders:write,dnd:read' }));

  expect(await world.callAs(token, 'auth.revoke')).toEqual({ ok: true, revoked: true });
  await world.sandbox.settled();

  expect(told()).toEqual([{ type: 'tokens_revoked', tokens: { oauth: ['U0BEN'], bot: [] } }]);
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
  expect(world.sandbox.userTokens()).toMatchObject([{ value: token, isRevoked: true }]);
  expect(await world.callAs(token, 'auth.test')).toEqual({ ok: false, error: 'token_revoked' });
});

test('auth.revoke as a test revokes nothing', async () => {
  const token = userTokenOf(await world.consent('U0BEN'));
  expect(await world.callAs(token, 'auth.revoke', { test: '1' })).toEqual({ ok: true, revoked: false });
  await world.sandbox.settled();
  expect(told()).toEqual([]);
  expect(world.sandbox.granted('U0BEN')).toEqual(['reminders:write']);
});

test('auth.revoke of the bot’s token', async () => {
  expect(await world.call('auth.revoke')).toMatchObject({ revoked: true });
  await world.sandbox.settled();
  expect(told()).toEqual([{ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0APP'] } }]);
  expect(world.sandbox.botTokens()).toMatchObject([{ isRevoked: true }]);
  expect(await world.call('auth.revoke')).toEqual({ ok: false, error: 'token_revoked' });
});

test('auth.revoke needs no listening app', async () => {
  const bare = await startOauthWorld({ requestUrl: undefined });
  const token = userTokenOf(await bare.consent('U0BEN'));
  expect(await bare.callAs(token, 'auth.revoke')).toMatchObject({ revoked: true });
  await bare.close();
});

test('after a consent that follows there is another token', async () => {
  const first = userTokenOf(await world.consent('U0BEN'));
  await world.sandbox.revokeToken('U0BEN');
  const second = userTokenOf(await world.consent('U0BEN', { user_scope: 'dnd:read' }));
  expect(second).not.toBe(first);
  expect(world.sandbox.granted('U0BEN')).toEqual(['dnd:read']);
  expect(await world.callAs(first, 'auth.test')).toMatchObject({ error: 'token_revoked' });
});

test('Slack revokes a token, with a word or without', async () => {
  await world.consent('U0BEN');
  await world.consent('U0BEN', { user_scope: 'dnd:read' }, { teamId: 'T0SECOND' });

  await world.sandbox.revokeToken('U0BEN', { silent: true });
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
  expect(told()).toEqual([]);

  await world.sandbox.revokeToken('U0BEN', { teamId: 'T0SECOND' });
  expect(events()[0]?.payload).toMatchObject({
    team_id: 'T0SECOND',
    event: { type: 'tokens_revoked', tokens: { oauth: ['U0BEN'], bot: [] } },
  });
});

test('methods of the bot refuse a user’s token', async () => {
  const token = userTokenOf(await world.consent('U0BEN'));
  for (const method of ['chat.postMessage', 'users.info', 'apps.permissions.users.list']) {
    expect(await world.callAs(token, method)).toEqual({ ok: false, error: 'not_allowed_token_type' });
  }
});

test('a retired Slack has no Permissions API, and taking back revokes the token', async () => {
  const retired = await startOauthWorld({ isRetired: true });
  for (const method of ['apps.permissions.users.list', 'apps.permissions.users.request']) {
    expect(await retired.call(method)).toEqual({ ok: false, error: 'method_deprecated' });
  }
  const token = userTokenOf(await retired.consent('U0BEN'));

  await retired.sandbox.takeBack('U0BEN');

  expect(retired.app.requests.map(({ payload }) => payload.event)).toEqual([
    { type: 'tokens_revoked', tokens: { oauth: ['U0BEN'], bot: [] } },
  ]);
  expect(await retired.callAs(token, 'auth.test')).toEqual({ ok: false, error: 'token_revoked' });
  await retired.close();
});

test('without an install there is no bot', async () => {
  const bare = await startOauthWorld({ isInstalled: false });
  expect(bare.sandbox.botTokens()).toEqual([]);
  expect(await bare.call('auth.test')).toEqual({ ok: false, error: 'invalid_auth' });
  const answer = await bare.consent('U0ADA', { scope: 'commands' });
  expect(answer.access_token).toBe(bare.sandbox.botToken);
  expect(await bare.call('auth.test')).toMatchObject({ user_id: 'U0APP' });
  await bare.close();
});

describe('rotation', () => {
  const HOURS = 3_600_000;
  const refresh = (refresh_token: string) => world.access({ grant_type: 'refresh_token', refresh_token });
  type Issued = { access_token: string; refresh_token: string };
  const userOf = (answer: Record<string, unknown>) => answer.authed_user as Issued;

  beforeEach(async () => {
    await world.close();
    world = await startOauthWorld({ tokenRotation: true });
  });

  test('tokens last twelve hours', async () => {
    const answer = await world.consent('U0ADA', { scope: 'commands', user_scope: 'dnd:read' });
    const issued = { expires_in: 43_200, refresh_token: expect.stringMatching(/^xoxe-1-/) };
    expect(answer).toMatchObject({ ...issued, access_token: expect.stringMatching(/^xoxe\.xoxb-/) });
    expect(answer.authed_user).toMatchObject({
      ...issued,
      access_token: expect.stringMatching(/^xoxe\.xoxp-/),
    });
    const { access_token } = userOf(answer);
    await world.clock.advance(12 * HOURS - 1_000);
    expect(await world.callAs(access_token, 'auth.test')).toMatchObject({ ok: true, expires_in: 1 });
    await world.clock.advance(1_000);
    expect(await world.callAs(access_token, 'auth.test')).toEqual({ ok: false, error: 'token_expired' });
    // The token that it started with is one from before rotation.
    expect(await world.call('auth.test')).toMatchObject({ ok: true });
  });

  test('a user’s token is refreshed: the old one stays good, its refresh token does not', async () => {
    const { access_token, refresh_token } = userOf(await world.consent('U0BEN'));
    await world.clock.advance(6 * HOURS);

    const answer = await refresh(refresh_token);

    expect(answer).toEqual({
      ok: true,
      app_id: 'A0SANDBOX',
      access_token: expect.stringMatching(/^xoxe\.xoxp-/),
      refresh_token: expect.stringMatching(/^xoxe-1-/),
      expires_in: 43_200,
      token_type: 'user',
      scope: 'reminders:write',
      team: { id: 'T0SANDBOX', name: 'Sandbox' },
      enterprise: null,
      is_enterprise_install: false,
      authed_user: { id: 'U0BEN' },
    });
    expect(await refresh(refresh_token)).toEqual({ ok: false, error: 'invalid_refresh_token' });
    expect(await world.callAs(access_token, 'auth.test')).toMatchObject({ ok: true });
    await world.clock.advance(6 * HOURS);
    expect(await world.callAs(access_token, 'auth.test')).toMatchObject({ error: 'token_expired' });
    expect(await world.callAs(String(answer.access_token), 'auth.test')).toMatchObject({ user_id: 'U0BEN' });
  });

  test('a bot’s token is refreshed', async () => {
    const { refresh_token } = (await world.consent('U0ADA', { scope: 'commands' })) as unknown as Issued;
    expect(await refresh(refresh_token)).toMatchObject({ token_type: 'bot', bot_user_id: 'U0APP' });
  });

  test('revoking a token leaves the refresh token, and with it all that was granted', async () => {
    const { access_token, refresh_token } = userOf(await world.consent('U0BEN'));
    expect(await world.callAs(access_token, 'auth.revoke')).toEqual({ ok: true, revoked: true });
    expect(await world.callAs(access_token, 'auth.test')).toMatchObject({ error: 'token_revoked' });
    const renewed = (await refresh(refresh_token)) as unknown as Issued;
    expect(await world.callAs(renewed.access_token, 'auth.test')).toMatchObject({ ok: true });
    const next = await world.consent('U0BEN', { user_scope: 'dnd:read' });
    expect(next.authed_user).toMatchObject({ scope: 'reminders:write,dnd:read' });
  });

  test('each consent brings a new token, and revoking both kinds ends them all', async () => {
    const first = userOf(await world.consent('U0BEN'));
    const second = userOf(await world.consent('U0BEN', { user_scope: 'dnd:read' }));
    expect(second.access_token).not.toBe(first.access_token);
    await world.callAs(second.refresh_token, 'auth.revoke');
    expect(await world.callAs(second.refresh_token, 'auth.revoke')).toMatchObject({ error: 'token_revoked' });
    await world.callAs(second.access_token, 'auth.revoke');
    for (const { access_token, refresh_token } of [first, second]) {
      expect(await world.callAs(access_token, 'auth.test')).toMatchObject({ error: 'token_revoked' });
      expect(await refresh(refresh_token)).toEqual({ ok: false, error: 'invalid_refresh_token' });
    }
  });
});
