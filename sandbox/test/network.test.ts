import { connect } from 'node:net';
import { startWorld, type World } from './support/world';

const REQUEST = 'apps.permissions.users.request';

let world: World;
afterEach(() => world.close());

async function ask(): Promise<Response> {
  const trigger_id = await world.freshTrigger();
  return await fetch(world.sandbox.apiUrl + REQUEST, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.sandbox.botToken}` },
    body: new URLSearchParams({ scopes: 'chat:write', trigger_id, user: 'U0BEN' }),
  });
}

const isShown = () => world.sandbox.as('U0BEN').prompt() !== undefined;

test('reset midway: the modal is shown, the headers come, and the body breaks off', async () => {
  world = await startWorld();
  world.sandbox.faults.answerNext(REQUEST, { reset: 'midway' });
  const response = await ask();
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('terminated');
  expect(isShown()).toBe(true);
  expect(world.sandbox.callsTo(REQUEST)).toMatchObject([{ status: 0, answer: undefined }]);
});

test('hang midway: the modal is shown, the first half comes, and no more', async () => {
  world = await startWorld();
  world.sandbox.faults.answerNext(REQUEST, { hang: 'midway', afterEffect: true, body: { ok: true } });
  const response = await ask();
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(first?.value?.length).toBeLessThan(Number(response.headers.get('content-length')));
  const next = reader?.read().catch((error: Error) => error.message);
  world.sandbox.faults.dropConnections();
  expect(await next).toBe('terminated');
  expect(isShown()).toBe(true);
});

test('dropConnections: what is open breaks, what is new works', async () => {
  world = await startWorld();
  const { port } = new URL(world.sandbox.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  world.sandbox.faults.dropConnections();
  await closed;
  expect(await world.call('auth.test')).toMatchObject({ ok: true });
});

test('hostname: it says where it is by that name, and response_urls are at another', async () => {
  world = await startWorld({ hostname: 'slack.localhost' });
  const { url, apiUrl, authorizeUrl } = world.sandbox;
  expect([url, apiUrl, authorizeUrl].map((address) => new URL(address).hostname)).toEqual(
    Array(3).fill('slack.localhost'),
  );
  const { payload } = await world.sandbox.as('U0BEN').runCommand('/permissions');
  expect(new URL(String(payload.response_url)).hostname).toBe('hooks.slack.localhost');
});
