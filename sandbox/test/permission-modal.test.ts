import { startWorld, type World } from './support/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const ben = () => world.sandbox.as('U0BEN');
const events = () => world.app.requests.filter(({ payload }) => payload.type === 'event_callback');

async function ask(scopes = 'reminders:write:user,dnd:write:user'): Promise<string> {
  const trigger_id = await world.freshTrigger();
  const answer = await world.call('apps.permissions.users.request', { scopes, trigger_id, user: 'U0BEN' });
  expect(answer).toMatchObject({ ok: true });
  return trigger_id;
}

test('allow: Slack holds the scopes, and the app is told with the trigger that it used', async () => {
  const { sandbox, clock } = world;
  const trigger_id = await ask();

  const delivery = await ben().allow();

  expect(delivery.payload).toEqual({
    token: 'sandbox-verification-token',
    team_id: 'T0SANDBOX',
    api_app_id: 'A0SANDBOX',
    event: {
      type: 'user_resource_granted',
      user: 'U0BEN',
      scopes: ['reminders:write:user', 'dnd:write:user'],
      trigger_id,
    },
    type: 'event_callback',
    authed_teams: ['T0SANDBOX'],
    authorizations: [
      {
        enterprise_id: null,
        team_id: 'T0SANDBOX',
        user_id: 'U0APP',
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    context_team_id: 'T0SANDBOX',
    context_enterprise_id: null,
    event_context: expect.any(String),
    event_id: expect.stringMatching(/^Ev[A-Z0-9]{9}$/),
    event_time: Math.floor(clock.now() / 1000),
  });
  expect(sandbox.granted('U0BEN')).toEqual(['dnd:write:user', 'reminders:write:user']);
  expect(ben().prompt()).toBeUndefined();
  expect(await world.call('apps.permissions.users.list')).toMatchObject({
    resources: [{ id: 'U0BEN', scopes: ['dnd:write:user', 'reminders:write:user'] }],
  });
});

test('allow some: only those are granted and told', async () => {
  await ask();

  const delivery = await ben().allow(['dnd:write:user']);

  expect(delivery.payload).toMatchObject({ event: { scopes: ['dnd:write:user'] } });
  expect(world.sandbox.granted('U0BEN')).toEqual(['dnd:write:user']);
});

test('only what is asked can be allowed, and not nothing', async () => {
  await ask();
  await expect(ben().allow(['chat:write'])).rejects.toThrow('does not ask for chat:write');
  await expect(ben().allow([])).rejects.toThrow('deny()');
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
  expect(ben().prompt()).toBeDefined();
});

test('grants add up', async () => {
  await ask('dnd:write:user');
  await ben().allow();
  await ask('chat:write');
  await ben().allow();

  expect(world.sandbox.granted('U0BEN')).toEqual(['chat:write', 'dnd:write:user']);
});

test('deny: nothing is granted, and the app is told', async () => {
  const trigger_id = await ask();

  const delivery = await ben().deny();

  expect(delivery.payload).toMatchObject({
    event: {
      type: 'user_resource_denied',
      user: 'U0BEN',
      scopes: ['reminders:write:user', 'dnd:write:user'],
      trigger_id,
    },
  });
  expect(world.sandbox.granted('U0BEN')).toEqual([]);
  expect(ben().prompt()).toBeUndefined();
});

test('closing it: nobody is told', async () => {
  await ask();

  ben().closePrompt();
  await world.sandbox.settled();

  expect(ben().prompt()).toBeUndefined();
  expect(events()).toEqual([]);
});

test('without a modal there is nothing to answer', async () => {
  await expect(ben().allow()).rejects.toThrow('There is no permission modal on the screen of U0BEN.');
  await expect(ben().deny()).rejects.toThrow('no permission modal');
  expect(() => ben().closePrompt()).toThrow('no permission modal');
});

test('taking back: all of it, with a trigger that was used already', async () => {
  const trigger_id = await ask();
  await ben().allow();

  await world.sandbox.takeBack('U0BEN');

  expect(world.sandbox.granted('U0BEN')).toEqual([]);
  expect(events().at(-1)?.payload.event).toEqual({
    type: 'user_resource_removed',
    user: 'U0BEN',
    trigger_id,
  });
});

test('taking back what was never asked for brings a used trigger, too', async () => {
  world.sandbox.grantDirectly('U0CLEO', ['chat:write']);

  await world.sandbox.takeBack('U0CLEO');

  const { trigger_id } = events()[0]!.payload.event as { trigger_id: string };
  const args = { scopes: 'chat:write', user: 'U0CLEO', trigger_id };
  expect(await world.call('apps.permissions.users.request', args)).toMatchObject({
    error: 'trigger_exchanged',
  });
});

test('drift: what Slack holds changes, and nobody is told', async () => {
  const { sandbox } = world;
  sandbox.grantDirectly('U0BEN', ['chat:write', 'dnd:write:user']);
  expect(sandbox.granted('U0BEN')).toEqual(['chat:write', 'dnd:write:user']);
  sandbox.revokeDirectly('U0BEN', ['chat:write']);
  expect(sandbox.granted('U0BEN')).toEqual(['dnd:write:user']);
  sandbox.revokeDirectly('U0BEN');
  expect(sandbox.granted('U0BEN')).toEqual([]);
  await sandbox.settled();
  expect(world.app.requests).toEqual([]);
});

test('uninstalling: two events, no grants, no modal, a dead token', async () => {
  const { sandbox } = world;
  sandbox.grantDirectly('U0ADA', ['chat:write']);
  await ask();

  await sandbox.uninstall();

  const told = events().map(({ payload }) => payload.event);
  expect(told).toHaveLength(2);
  expect(told).toContainEqual({ type: 'app_uninstalled' });
  expect(told).toContainEqual({ type: 'tokens_revoked', tokens: { oauth: ['U0ADA'], bot: ['U0APP'] } });
  expect(sandbox.granted('U0ADA')).toEqual([]);
  expect(ben().prompt()).toBeUndefined();
  expect(await world.call('apps.permissions.users.list')).toEqual({ ok: false, error: 'token_revoked' });
});

test('allow resolves with the first answer, and Slack goes on trying', async () => {
  let answers = 0;
  await ask();
  world.app.onRequest(() => {
    answers += 1;
    return answers === 1 ? { status: 500 } : undefined;
  });

  expect(await ben().allow()).toMatchObject({ status: 500, attempt: 1 });
  await world.sandbox.settled();

  expect(world.sandbox.deliveries.at(-1)).toMatchObject({ kind: 'event', status: 200, attempt: 2 });
});
