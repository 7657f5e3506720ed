import { until } from './support/until';
import { startWorld, type World } from './support/world';

const REQUEST = 'apps.permissions.users.request';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

function post(method: string, args: Record<string, string> = {}): Promise<Response> {
  return fetch(world.sandbox.apiUrl + method, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.sandbox.botToken}` },
    body: new URLSearchParams(args),
  });
}

async function goodArgs(): Promise<Record<string, string>> {
  return { scopes: 'chat:write', trigger_id: await world.freshTrigger(), user: 'U0BEN' };
}

const isShown = () => world.sandbox.as('U0BEN').prompt() !== undefined;

test('the next answers come as told, in order, and then it is itself again', async () => {
  const { faults } = world.sandbox;
  faults.answerNext('auth.test', { body: { ok: false, error: 'fatal_error' } }, 2);
  faults.answerNext('auth.test', { body: { ok: false, error: 'org_login_required' } });

  const errors: unknown[] = [];
  for (let call = 0; call < 4; call += 1) errors.push((await world.call('auth.test')).error);

  expect(errors).toEqual(['fatal_error', 'fatal_error', 'org_login_required', undefined]);
  expect(world.sandbox.callsTo('auth.test')[0]).toMatchObject({
    answer: { error: 'fatal_error' },
    status: 200,
  });
});

test('a fault is for its method only', async () => {
  world.sandbox.faults.answerAlways('users.info', { status: 500 });
  expect(await world.call('auth.test')).toMatchObject({ ok: true });
});

test('always lasts until it is taken away, and lets the queue go first', async () => {
  const { faults } = world.sandbox;
  faults.answerAlways('auth.test', { body: { ok: false, error: 'always' } });
  faults.answerNext('auth.test', { body: { ok: false, error: 'once' } });
  expect((await world.call('auth.test')).error).toBe('once');
  expect((await world.call('auth.test')).error).toBe('always');
  expect((await world.call('auth.test')).error).toBe('always');
  faults.answerAlways('auth.test', undefined);
  expect((await world.call('auth.test')).ok).toBe(true);
});

test('status, headers and text can be anything', async () => {
  world.sandbox.faults.answerNext('auth.test', {
    status: 503,
    text: '<html>down</html>',
    headers: { 'Retry-After': '7' },
  });

  const response = await post('auth.test');

  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('7');
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(await response.text()).toBe('<html>down</html>');
});

test('a fault takes the place of the method: nothing is shown', async () => {
  world.sandbox.faults.answerNext(REQUEST, { body: { ok: true } });
  expect(await world.call(REQUEST, await goodArgs())).toEqual({ ok: true });
  expect(isShown()).toBe(false);
});

test('afterEffect: the modal is shown, and the app hears something else', async () => {
  world.sandbox.faults.answerNext(REQUEST, { status: 500, afterEffect: true });
  const response = await post(REQUEST, await goodArgs());
  expect(response.status).toBe(500);
  expect(isShown()).toBe(true);
});

test('reset: the connection breaks', async () => {
  world.sandbox.faults.answerNext('auth.test', { reset: true });
  await expect(post('auth.test')).rejects.toThrow('fetch failed');
  expect(world.sandbox.callsTo('auth.test')).toMatchObject([{ status: 0, answer: undefined }]);
});

test('reset after the effect: the modal is shown all the same', async () => {
  world.sandbox.faults.answerNext(REQUEST, { reset: true, afterEffect: true });
  await expect(post(REQUEST, await goodArgs())).rejects.toThrow('fetch failed');
  expect(isShown()).toBe(true);
});

test('hang: no answer ever; closing the sandbox ends it', async () => {
  const other = await startWorld();
  other.sandbox.faults.answerNext('auth.test', { hang: true });
  const hanging = other.call('auth.test').catch((error: Error) => error.message);
  await until(() => other.sandbox.calls.length > 0);
  await other.clock.advance(3_600_000);

  await other.close();

  expect(await hanging).toBe('fetch failed');
});

test('a delay on the way in: the trigger grows old meanwhile', async () => {
  const { sandbox, clock } = world;
  const args = await goodArgs();
  sandbox.faults.answerNext(REQUEST, { delayMs: 3001 });
  const calling = world.call(REQUEST, args);
  await until(() => sandbox.callsTo(REQUEST).length > 0);
  await clock.advance(3001);

  expect(await calling).toMatchObject({ error: 'invalid_trigger' });
});

test('a delay on the way back: the modal is shown long before the app hears of it', async () => {
  const { sandbox, clock } = world;
  const args = await goodArgs();
  sandbox.faults.answerNext(REQUEST, { delayMs: 5000, afterEffect: true });
  const calling = world.call(REQUEST, args);
  await until(isShown);
  expect(sandbox.callsTo(REQUEST)[0]?.status).toBe(0);
  await clock.advance(5000);

  expect(await calling).toMatchObject({ ok: true });
});

test('an answer without an end goes on until nobody reads it', async () => {
  world.sandbox.faults.answerNext('auth.test', { endless: true });
  const response = await post('auth.test');
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > 1_000_000) break;
  }
  expect(bytes).toBeGreaterThan(1_000_000);
});

test('headers alone are added to the own answer', async () => {
  world.sandbox.faults.answerNext('auth.test', { headers: { 'X-Extra': 'yes' } });
  const response = await post('auth.test');
  expect(response.headers.get('x-extra')).toBe('yes');
  expect(await response.json()).toMatchObject({ ok: true });
});

test('response_urls can fail, too', async () => {
  const { payload } = await world.sandbox.as('U0BEN').runCommand('/permissions');
  world.sandbox.faults.answerNext('response_url', { status: 500 });
  const response = await fetch(payload.response_url as string, { method: 'POST', body: '{"text":"x"}' });
  expect(response.status).toBe(500);
  expect(world.sandbox.as('U0BEN').messages()).toEqual([]);
});

test('methods that there are not can be given an answer', async () => {
  world.sandbox.faults.answerNext('oauth.v2.access', { body: { ok: true, made: 'up' } });
  expect(await world.call('oauth.v2.access')).toEqual({ ok: true, made: 'up' });
});
