import { type OauthWorld, startOauthWorld, userTokenOf } from './support/oauth-world';

const SECOND = { teamId: 'T0SECOND' };

let world: OauthWorld;
let secondToken: string;
beforeEach(async () => {
  world = await startOauthWorld();
  const scope = 'chat:write,commands,im:write,users:read';
  secondToken = String((await world.consent('U0ADA', { scope }, SECOND)).access_token);
});
afterEach(() => world.close());

const events = () => world.app.requests.filter(({ payload }) => payload.type === 'event_callback');
const inSecond = (userId: string) => world.sandbox.as(userId, SECOND);

test('gestures carry the workspace that they were made in', async () => {
  const { payload } = await inSecond('U0BEN').runCommand('/permissions');
  expect(payload).toMatchObject({ team_id: 'T0SECOND', team_domain: 'sandbox-second', user_id: 'U0BEN' });
  expect(payload).not.toHaveProperty('enterprise_id');
  const shortcut = await inSecond('U0BEN').runShortcut('request_permissions');
  expect(shortcut.payload).toMatchObject({
    team: { id: 'T0SECOND', domain: 'sandbox-second' },
    user: { team_id: 'T0SECOND' },
    enterprise: null,
  });
});

test('a person’s DM is another one in each workspace', async () => {
  const channel = 'U0BEN';
  expect(await world.callAs(secondToken, 'chat.postMessage', { channel, text: 'second' })).toMatchObject({
    channel: 'D2BEN',
    message: { user: 'U0APPSECOND', bot_id: 'B0APPSECOND', team: 'T0SECOND' },
  });
  await world.call('chat.postMessage', { channel, text: 'first' });
  expect(
    inSecond('U0BEN')
      .messages()
      .map(({ text }) => text),
  ).toEqual(['second']);
  const first = world.sandbox.as('U0BEN').messages();
  expect(first.map(({ text }) => text)).toEqual(['first']);
});

test.each([
  ['chat.postMessage', { channel: 'C0SECOND', text: 'x' }, 'channel_not_found'],
  ['chat.postMessage', { channel: 'D2BEN', text: 'x' }, 'channel_not_found'],
  ['chat.postMessage', { channel: 'U0DORA', text: 'x' }, 'channel_not_found'],
  ['users.info', { user: 'U0DORA' }, 'user_not_found'],
  ['conversations.open', { users: 'U0DORA' }, 'user_not_found'],
])('the first workspace’s bot cannot reach into the second: %s %p', async (method, args, error) => {
  expect(await world.call(method, args)).toMatchObject({ ok: false, error });
  expect(await world.callAs(secondToken, method, args)).toMatchObject({ ok: true });
});

test('a trigger works in its own workspace only', async () => {
  const { payload } = await inSecond('U0BEN').runCommand('/permissions');
  const args = { scopes: 'dnd:write:user', user: 'U0BEN', trigger_id: String(payload.trigger_id) };
  expect(await world.call('apps.permissions.users.request', args)).toMatchObject({
    error: 'invalid_trigger',
  });
  expect(await world.callAs(secondToken, 'apps.permissions.users.request', args)).toMatchObject({ ok: true });
  expect(world.sandbox.callsTo('apps.permissions.users.request').map((call) => call.triggerAgeMs)).toEqual([
    0, 0,
  ]);
  expect(world.sandbox.as('U0BEN').prompt()).toBeUndefined();
  const delivery = await inSecond('U0BEN').allow();
  expect(delivery.payload).toMatchObject({
    team_id: 'T0SECOND',
    authorizations: [{ user_id: 'U0APPSECOND' }],
  });
  expect(world.sandbox.granted('U0BEN', SECOND)).toEqual(['dnd:write:user']);
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
  expect(await world.callAs(secondToken, 'apps.permissions.users.list')).toMatchObject({
    resources: [{ id: 'U0BEN' }],
  });
  expect(await world.call('apps.permissions.users.list')).toMatchObject({ resources: [] });
});

test('an answer by response_url arrives where the command was typed', async () => {
  const { payload } = await inSecond('U0BEN').runCommand('/permissions');
  const body = JSON.stringify({ text: 'here' });
  const headers = { 'content-type': 'application/json' };
  await fetch(String(payload.response_url), { method: 'POST', headers, body });
  expect(inSecond('U0BEN').lastMessage()).toMatchObject({ text: 'here', channel: 'C0SECOND' });
  expect(world.sandbox.as('U0BEN').messages()).toEqual([]);
});

test('the second workspace has people of its own', async () => {
  expect(await world.callAs(secondToken, 'users.info', { user: 'U0DORA' })).toMatchObject({
    user: { is_admin: true, team_id: 'T0SECOND' },
  });
  expect(() => world.sandbox.as('U0DORA')).toThrow('There is no person U0DORA');
  expect(() => world.sandbox.as('U0BEN', { teamId: 'T0NONE' })).toThrow('There is no workspace T0NONE');
});

test('taking back and drift stay in their workspace', async () => {
  world.sandbox.grantDirectly('U0BEN', ['dnd:read'], SECOND);
  world.sandbox.grantDirectly('U0BEN', ['dnd:read']);
  await world.sandbox.takeBack('U0BEN', SECOND);
  expect(events().at(-1)?.payload).toMatchObject({ team_id: 'T0SECOND' });
  expect(world.sandbox.granted('U0BEN', SECOND)).toEqual([]);
  world.sandbox.revokeDirectly('U0BEN', undefined, SECOND);
  expect(world.sandbox.granted('U0BEN')).toEqual(['dnd:read']);
});

test('each workspace has a rate limit of its own', async () => {
  for (let call = 0; call < 20; call += 1) await world.call('apps.permissions.users.list');
  expect(await world.call('apps.permissions.users.list')).toMatchObject({ error: 'ratelimited' });
  expect(await world.callAs(secondToken, 'apps.permissions.users.list')).toMatchObject({ ok: true });
});

test('uninstalling one workspace leaves the other alone', async () => {
  const there = userTokenOf(await world.consent('U0BEN', { user_scope: 'dnd:read' }, SECOND));
  const here = userTokenOf(await world.consent('U0BEN'));

  await world.sandbox.uninstall('T0SECOND');

  const told = events().map(({ payload }) => [payload.team_id, payload.event]);
  expect(told).toHaveLength(2);
  expect(told).toContainEqual(['T0SECOND', { type: 'app_uninstalled' }]);
  expect(told).toContainEqual([
    'T0SECOND',
    { type: 'tokens_revoked', tokens: { oauth: ['U0BEN'], bot: ['U0APPSECOND'] } },
  ]);
  expect(await world.callAs(secondToken, 'auth.test')).toEqual({ ok: false, error: 'token_revoked' });
  expect(await world.callAs(there, 'auth.test')).toEqual({ ok: false, error: 'account_inactive' });
  expect(await world.callAs(here, 'auth.test')).toMatchObject({ ok: true });
  expect(await world.call('auth.test')).toMatchObject({ ok: true });
});

test.each(['tokens_revoked', 'app_uninstalled'] as const)('uninstalling can begin with %s', async (first) => {
  await world.sandbox.uninstall({ first });
  const types = events().map(({ payload }) => (payload.event as { type: string }).type);
  expect(types).toEqual(first === 'tokens_revoked' ? [first, 'app_uninstalled'] : [first, 'tokens_revoked']);
});

test('an app that was uninstalled can be installed again', async () => {
  await world.sandbox.uninstall();
  const answer = await world.consent('U0ADA', { scope: 'commands' });
  expect(answer.access_token).not.toBe(world.sandbox.botToken);
  expect(await world.callAs(String(answer.access_token), 'auth.test')).toMatchObject({ ok: true });
  expect(await world.call('auth.test')).toMatchObject({ error: 'token_revoked' });
});
