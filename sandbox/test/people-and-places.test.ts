import { startWorld, type World } from './support/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

test('auth.test says who the app is', async () => {
  expect(await world.call('auth.test')).toMatchObject({
    ok: true,
    team_id: world.sandbox.teamId,
    team: 'Sandbox',
    user_id: 'U0APP',
    bot_id: 'B0APP',
    url: 'https://sandbox.slack.com/',
  });
});

test('there are an admin, two members and the bot', () => {
  expect(world.sandbox.users).toMatchObject([
    {
      id: 'U0ADA',
      name: 'ada',
      realName: 'Ada Admin',
      isAdmin: true,
      isOwner: false,
      isBot: false,
    },
    { id: 'U0BEN', name: 'ben', realName: 'Ben Member', isAdmin: false, isOwner: false, isBot: false },
    { id: 'U0CLEO', name: 'cleo', realName: 'Cleo Member', isAdmin: false, isOwner: false, isBot: false },
    { id: 'U0APP', isAdmin: false, isBot: true },
  ]);
});

test.each([
  ['U0ADA', { is_admin: true, is_owner: false, is_bot: false, real_name: 'Ada Admin' }],
  ['U0BEN', { is_admin: false, is_owner: false, is_bot: false, name: 'ben' }],
  ['U0APP', { is_admin: false, is_bot: true }],
])('users.info of %s', async (user, expected) => {
  expect(await world.call('users.info', { user })).toMatchObject({
    ok: true,
    user: { id: user, ...expected },
  });
});

test('users.info of nobody', async () => {
  expect(await world.call('users.info', { user: 'U0X' })).toEqual({ ok: false, error: 'user_not_found' });
});

test('conversations.open finds the DM with a person', async () => {
  expect(await world.call('conversations.open', { users: 'U0BEN' })).toMatchObject({
    ok: true,
    channel: { id: 'D0BEN' },
  });
  expect(await world.call('conversations.open', { channel: 'D0BEN', return_im: 'true' })).toMatchObject({
    ok: true,
    channel: { id: 'D0BEN', user: 'U0BEN', is_im: true },
  });
});

test.each([
  [{}, 'users_list_not_supplied'],
  [{ users: 'U0X' }, 'user_not_found'],
  [{ users: 'U0APP' }, 'cannot_dm_bot'],
  [{ users: 'U0BEN,U0CLEO' }, 'not_enough_users'],
  [{ channel: 'C0GENERAL' }, 'channel_not_found'],
])('conversations.open with %p is refused with %s', async (args, error) => {
  expect(await world.call('conversations.open', args)).toMatchObject({ ok: false, error });
});
