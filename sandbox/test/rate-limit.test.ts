import { startWorld, type World } from './support/world';

const LIST = 'apps.permissions.users.list';
const REQUEST = 'apps.permissions.users.request';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

function post(method: string): Promise<Response> {
  return fetch(world.sandbox.apiUrl + method, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.sandbox.botToken}` },
  });
}

async function useUp(method: string): Promise<void> {
  for (let call = 0; call < 20; call += 1) expect((await post(method)).status).toBe(200);
}

test('after 20 calls at once the 21st is told to wait, and how long', async () => {
  await useUp(LIST);

  const refused = await post(LIST);

  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('3');
  expect(await refused.json()).toEqual({ ok: false, error: 'ratelimited' });
  await world.clock.advance(2500);
  const again = await post(LIST);
  expect([again.status, again.headers.get('retry-after')]).toEqual([429, '1']);
  await world.clock.advance(500);
  expect((await post(LIST)).status).toBe(200);
  expect((await post(LIST)).status).toBe(429);
});

test('the two methods are counted apart', async () => {
  await useUp(LIST);
  expect((await post(LIST)).status).toBe(429);
  expect((await post(REQUEST)).status).toBe(200);
});

test('the limit comes before the arguments are looked at', async () => {
  await useUp(REQUEST);
  expect((await post(REQUEST)).status).toBe(429);
});

test('a call with a bad token does not count', async () => {
  for (let call = 0; call < 25; call += 1) {
    const response = await fetch(`${world.sandbox.apiUrl + LIST}?token=wrong`);
    expect(await response.json()).toMatchObject({ error: 'invalid_auth' });
  }
  expect((await post(LIST)).status).toBe(200);
});

test('other methods are not limited', async () => {
  for (let call = 0; call < 40; call += 1) expect((await post('auth.test')).status).toBe(200);
});
