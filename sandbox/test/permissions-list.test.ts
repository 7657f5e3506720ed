import { startWorld, type World } from './support/world';

const METHOD = 'apps.permissions.users.list';

let world: World;
beforeEach(async () => {
  world = await startWorld();
  world.sandbox.grantDirectly('U0CLEO', ['reminders:write:user']);
  world.sandbox.grantDirectly('U0ADA', ['reminders:write:user', 'dnd:write:user']);
});
afterEach(() => world.close());

test('lists who granted what', async () => {
  expect(await world.call(METHOD)).toMatchObject({
    ok: true,
    resources: [
      { id: 'U0ADA', scopes: ['dnd:write:user', 'reminders:write:user'] },
      { id: 'U0CLEO', scopes: ['reminders:write:user'] },
    ],
    response_metadata: { next_cursor: '' },
  });
});

test('a cursor goes on where the page ended, also when grants have come and gone', async () => {
  const { sandbox, call } = world;
  const first = await call(METHOD, { limit: '1' });
  expect(first.resources).toMatchObject([{ id: 'U0ADA' }]);
  const cursor = (first.response_metadata as Record<string, string>).next_cursor!;
  expect(cursor).not.toBe('');

  sandbox.revokeDirectly('U0ADA');
  sandbox.grantDirectly('U0BEN', ['chat:write']);
  const second = await call(METHOD, { limit: '2', cursor });

  expect(second).toMatchObject({
    resources: [{ id: 'U0BEN' }, { id: 'U0CLEO' }],
    response_metadata: { next_cursor: '' },
  });
});

test.each([
  [{ cursor: 'nonsense' }, 'invalid_cursor'],
  [{ limit: '1000' }, 'invalid_arguments'],
  [{ limit: '0' }, 'invalid_arguments'],
  [{ limit: 'many' }, 'invalid_arguments'],
  [{ user: 'U0ADA' }, 'invalid_arg_name'],
])('%p is refused with %s', async (args, error) => {
  expect(await world.call(METHOD, args)).toEqual({ ok: false, error });
});

test('takes 999 at most', async () => {
  expect(await world.call(METHOD, { limit: '999' })).toMatchObject({ ok: true });
});

test('does not take JSON', async () => {
  const { sandbox } = world;
  const response = await fetch(sandbox.apiUrl + METHOD, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.botToken}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(await response.json()).toEqual({ ok: false, error: 'invalid_post_type' });
});
