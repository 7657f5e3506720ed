import { connect } from 'node:net';
import { methods } from '../api/methods';
import manifest from './support/manifest.json';
import { startWorld, type World } from './support/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

async function post(method: string, body: string | FormData, headers: Record<string, string>) {
  const response = await fetch(world.sandbox.apiUrl + method, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

const bearer = () => ({ authorization: `Bearer ${world.sandbox.botToken}` });
const FORM = 'application/x-www-form-urlencoded';

/** Bytes as they are, and what came back until the connection closed. */
function sendRaw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(new URL(world.sandbox.url).port), '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
  });
}

test('a token may come in the header, the form or the query', async () => {
  const { apiUrl, botToken } = world.sandbox;
  expect((await post('auth.test', '', { ...bearer(), 'content-type': FORM })).answer.ok).toBe(true);
  expect((await post('auth.test', `token=${botToken}`, { 'content-type': FORM })).answer.ok).toBe(true);
  expect(await (await fetch(`${apiUrl}auth.test?token=${botToken}`)).json()).toMatchObject({ ok: true });
});

test('api.test needs no token, and says what it is given to say', async () => {
  expect(await (await fetch(`${world.sandbox.apiUrl}api.test`, { method: 'POST' })).json()).toEqual({
    ok: true,
  });
  expect((await post('api.test', 'error=my_error', { 'content-type': FORM })).answer).toEqual({
    ok: false,
    error: 'my_error',
  });
});

test('without a token, with a wrong one, after the app is gone', async () => {
  expect((await post('auth.test', '', { 'content-type': FORM })).answer).toEqual({
    ok: false,
    error: 'not_authed',
  });
  expect((await post('auth.test', 'token=xoxb-other', { 'content-type': FORM })).answer).toEqual({
    ok: false,
    error: 'invalid_auth',
  });
  await world.sandbox.uninstall();
  expect(await world.call('auth.test')).toEqual({ ok: false, error: 'token_revoked' });
});

test('a token inside a body that cannot be read is no token: the body is what is wrong', async () => {
  const body = `{"token":"${world.sandbox.botToken}"`;
  const { answer } = await post('chat.postMessage', body, { 'content-type': 'application/json' });
  expect(answer).toEqual({ ok: false, error: 'invalid_json' });
});

test('a method that there is not', async () => {
  expect(await world.call('apps.permissions.nonsense')).toEqual({
    ok: false,
    error: 'unknown_method',
    req_method: 'apps.permissions.nonsense',
  });
  expect(await world.call('toString')).toMatchObject({ error: 'unknown_method' });
});

test('an answer says what the token may do', async () => {
  const { headers } = await post('auth.test', '', { ...bearer(), 'content-type': FORM });
  expect(headers.get('x-oauth-scopes')?.split(',')).toEqual(
    expect.arrayContaining(['commands', 'chat:write']),
  );
});

test.each([
  ['a body of no type', 'a=b', '', 'missing_post_type'],
  ['XML', '<a/>', 'application/xml', 'invalid_post_type'],
  ['a strange charset', 'a=b', `${FORM}; charset=ebcdic`, 'invalid_charset'],
  ['broken JSON', '{"channel":', 'application/json', 'invalid_json'],
  ['JSON that is no object', '[1]', 'application/json', 'invalid_json'],
  ['a broken multipart body', 'nonsense', 'multipart/form-data; boundary=x', 'invalid_form_data'],
])('%s is refused', async (_name, body, contentType, error) => {
  if (contentType === '') {
    // fetch always adds a type; this is the same request without one.
    const raw = await sendRaw(
      `POST /api/chat.postMessage HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n` +
        `Authorization: Bearer ${world.sandbox.botToken}\r\n\r\n${body}`,
    );
    expect(raw).toContain(`{"ok":false,"error":"${error}"}`);
    return;
  }
  const { answer } = await post('chat.postMessage', body, { ...bearer(), 'content-type': contentType });
  expect(answer).toMatchObject({ ok: false, error });
});

test('JSON, form and multipart mean the same', async () => {
  const { sandbox } = world;
  const blocks = [{ type: 'divider' }];
  const json = JSON.stringify({ channel: 'U0BEN', text: 'one', blocks });
  const form = new URLSearchParams({ channel: 'U0BEN', text: 'two', blocks: JSON.stringify(blocks) });
  const multipart = new FormData();
  for (const [name, value] of [...form, ['text', 'three'] as const]) multipart.set(name, value);

  await post('chat.postMessage', json, { ...bearer(), 'content-type': 'application/json' });
  await post('chat.postMessage', form.toString(), { ...bearer(), 'content-type': FORM });
  await post('chat.postMessage', multipart, bearer());

  const seen = sandbox.as('U0BEN').messages();
  expect(seen.map((message) => message.text)).toEqual(['one', 'two', 'three']);
  for (const message of seen) expect(message.blocks).toMatchObject(blocks);
  expect(sandbox.calls.map((call) => call.args.blocks)).toEqual(Array(3).fill('[{"type":"divider"}]'));
});

test('charsets that are missing or too many are warned of, and the call works', async () => {
  const json = JSON.stringify({ channel: 'U0BEN', text: 'hello' });
  const bare = await post('chat.postMessage', json, { ...bearer(), 'content-type': 'application/json' });
  expect(bare.answer).toMatchObject({ ok: true, warning: 'missing_charset' });
  const full = `application/json; charset=utf-8`;
  expect(
    (await post('chat.postMessage', json, { ...bearer(), 'content-type': full })).answer,
  ).not.toHaveProperty('warning');
  const form = await post('auth.test', '', { ...bearer(), 'content-type': `${FORM}; charset=utf-8` });
  expect(form.answer).toMatchObject({
    ok: true,
    warning: 'superfluous_charset',
    response_metadata: { warnings: ['superfluous_charset'] },
  });
});

test('every call is kept with what was sent and what was answered', async () => {
  const { sandbox, clock } = world;
  await world.call('users.info', { user: 'U0NOBODY' });

  expect(sandbox.calls).toEqual([
    {
      method: 'users.info',
      args: { user: 'U0NOBODY' },
      headers: expect.objectContaining({ authorization: `Bearer ${sandbox.botToken}` }),
      contentType: `${FORM};charset=UTF-8`,
      at: clock.now(),
      answer: { ok: false, error: 'user_not_found' },
      status: 200,
      httpMethod: 'POST',
    },
  ]);
  expect(sandbox.callsTo('users.info')).toEqual(sandbox.calls);
  expect(sandbox.callsTo('auth.test')).toEqual([]);
});

test('a body over 1 MB gets 413, one of exactly 1 MB does not', async () => {
  const big = await post('chat.postMessage', `text=${'x'.repeat(1_048_576)}`, {
    ...bearer(),
    'content-type': FORM,
  });
  expect([big.status, big.answer]).toEqual([413, { ok: false, error: 'too_large' }]);
  const body = 'text='.padEnd(1_048_576, 'x');
  expect((await post('chat.postMessage', body, { ...bearer(), 'content-type': FORM })).status).toBe(200);
});

test('broken requests do not stop it', async () => {
  await sendRaw('nonsense\r\n\r\n');
  await sendRaw('GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await sendRaw('GET http://[bad/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await sendRaw('POST /api/auth.test HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ntoken=');
  await sendRaw('POST /api/%00%ff HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  await sendRaw('DELETE /api/auth.test HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');

  expect(await world.call('auth.test')).toMatchObject({ ok: true });
});

test('it can be reached from this machine only', () => {
  expect(world.sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(world.sandbox.apiUrl).toBe(`${world.sandbox.url}/api/`);
});

test.each([...methods].filter(([, method]) => method.scope))('%s wants its scope', async (name, method) => {
  const { call, close } = await startWorld({ botScopes: ['commands'] });
  expect(await call(name)).toMatchObject({
    ok: false,
    error: 'missing_scope',
    needed: method.scope,
    provided: 'commands',
  });
  await close();
  const { error } = await world.call(name);
  expect(error).not.toBe('missing_scope');
});

test('without a word about scopes the token may do what the manifest asks for', async () => {
  const { call, close } = await startWorld({ botScopes: undefined });
  for (const [name, { scope }] of methods) {
    const isInManifest = scope === undefined || manifest.oauth_config.scopes.bot.includes(scope);
    // As a test, so that auth.revoke leaves the token alone.
    const { error } = await call(name, { test: '1' });
    expect([name, error !== 'missing_scope']).toEqual([name, isInManifest]);
  }
  await close();
});
