import { startWorld, type World } from './support/world';

const METHOD = 'apps.permissions.users.request';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

async function goodArgs(): Promise<Record<string, string>> {
  return { scopes: 'reminders:write:user', trigger_id: await world.freshTrigger(), user: 'U0BEN' };
}

test('ok puts the modal on the screen of the user, and on no other', async () => {
  const args = { ...(await goodArgs()), scopes: 'reminders:write:user,users.profile:write,chat:write' };

  expect(await world.call(METHOD, args)).toEqual({
    ok: true,
    warning: 'superfluous_charset',
    response_metadata: { warnings: ['superfluous_charset'] },
  });

  expect(world.sandbox.as('U0BEN').prompt()?.scopes).toEqual([
    'reminders:write:user',
    'users.profile:write',
    'chat:write',
  ]);
  expect(world.sandbox.as('U0ADA').prompt()).toBeUndefined();
});

test.each([
  ['nobody', { user: 'U0NOBODY' }, 'invalid_user'],
  ['no user', { user: '' }, 'invalid_user'],
  ['the bot', { user: 'U0APP' }, 'user_is_bot'],
  ['another user than the one of the trigger', { user: 'U0CLEO' }, 'invalid_trigger'],
  ['an unknown scope', { scopes: 'reminders:write:user,fly:high' }, 'invalid_scope'],
  ['a blank between scopes', { scopes: 'reminders:write:user, dnd:write:user' }, 'invalid_scope'],
  ['no scopes', { scopes: '' }, 'invalid_scope'],
  ['an argument that it does not know', { team_id: 'T0SANDBOX' }, 'invalid_arg_name'],
  ['an array in PHP style', { 'scopes[0]': 'reminders:write:user' }, 'invalid_array_arg'],
])('%s is refused, and nothing is shown', async (_name, args, error) => {
  expect(await world.call(METHOD, { ...(await goodArgs()), ...args })).toEqual({ ok: false, error });
  for (const id of ['U0ADA', 'U0BEN', 'U0CLEO']) expect(world.sandbox.as(id).prompt()).toBeUndefined();
});

test('the user is looked at before the scopes, and the scopes before the trigger', async () => {
  const bad = { user: 'U0NOBODY', scopes: 'fly:high', trigger_id: 'none' };
  expect(await world.call(METHOD, bad)).toMatchObject({ error: 'invalid_user' });
  expect(await world.call(METHOD, { ...bad, user: 'U0BEN' })).toMatchObject({ error: 'invalid_scope' });
  expect(await world.call(METHOD, { ...bad, user: 'U0BEN', scopes: 'chat:write' })).toMatchObject({
    error: 'invalid_trigger',
  });
});

test('JSON is not accepted', async () => {
  const { sandbox } = world;
  const response = await fetch(sandbox.apiUrl + METHOD, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sandbox.botToken}`,
      'content-type': 'application/json; charset=utf-8',
    },
    body: JSON.stringify(await goodArgs()),
  });

  expect(await response.json()).toEqual({ ok: false, error: 'invalid_post_type' });
  expect(sandbox.as('U0BEN').prompt()).toBeUndefined();
});

test('JSON with the token inside is told the same, not that there is no token', async () => {
  const { sandbox } = world;
  const response = await fetch(sandbox.apiUrl + METHOD, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ ...(await goodArgs()), token: sandbox.botToken }),
  });

  expect(await response.json()).toEqual({ ok: false, error: 'invalid_post_type' });
});

test('a refusal for the wrong user leaves the trigger to the right one', async () => {
  const args = await goodArgs();
  expect(await world.call(METHOD, { ...args, user: 'U0CLEO' })).toMatchObject({ error: 'invalid_trigger' });
  expect(await world.call(METHOD, args)).toMatchObject({ ok: true });
});

test('arguments may come in the query string', async () => {
  const { sandbox } = world;
  const query = new URLSearchParams({ ...(await goodArgs()), token: sandbox.botToken });

  const response = await fetch(`${sandbox.apiUrl}${METHOD}?${query}`);

  expect(await response.json()).toEqual({ ok: true });
  expect(sandbox.callsTo(METHOD)).toMatchObject([{ httpMethod: 'GET', contentType: undefined, status: 200 }]);
});

test('a second request takes the place of the first modal', async () => {
  await world.call(METHOD, await goodArgs());
  await world.call(METHOD, { ...(await goodArgs()), scopes: 'dnd:write:user' });

  expect(world.sandbox.as('U0BEN').prompt()?.scopes).toEqual(['dnd:write:user']);
});
