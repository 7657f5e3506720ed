import { startWorld, type World } from './support/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

test('a person runs a command, is asked, allows it, and the app is told', async () => {
  const { sandbox, app, call } = world;
  const ben = sandbox.as('U0BEN');
  app.onRequest(async ({ form }) => {
    if (!form.command) return undefined;
    const answer = await call('apps.permissions.users.request', {
      scopes: 'reminders:write:user,dnd:write:user',
      trigger_id: form.trigger_id ?? '',
      user: form.user_id ?? '',
    });
    return { text: answer.ok ? 'Look at the modal.' : String(answer.error) };
  });

  await ben.runCommand('/permissions', 'request reminders:write:user');

  expect(ben.lastMessage()).toMatchObject({ ephemeral: true, plain: 'Look at the modal.' });
  expect(ben.prompt()).toEqual({
    scopes: ['reminders:write:user', 'dnd:write:user'],
    appName: 'Scopekeeper',
  });
  expect(sandbox.as('U0CLEO').prompt()).toBeUndefined();
  expect(sandbox.as('U0CLEO').messages()).toEqual([]);

  const delivery = await ben.allow();

  expect(delivery).toMatchObject({ kind: 'event', status: 200, attempt: 1 });
  expect(ben.prompt()).toBeUndefined();
  expect(sandbox.granted('U0BEN')).toEqual(['dnd:write:user', 'reminders:write:user']);
  expect(app.requests.at(-1)?.payload).toMatchObject({
    type: 'event_callback',
    event: {
      type: 'user_resource_granted',
      user: 'U0BEN',
      scopes: ['reminders:write:user', 'dnd:write:user'],
      trigger_id: app.requests[0]?.form.trigger_id,
    },
  });
});
