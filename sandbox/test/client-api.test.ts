import { request } from 'node:http';
import type { ClientDo, ClientDone, ClientState } from '../types';
import { startWorld, type World } from './support/world';

const plain = (text: string) => ({ type: 'plain_text', text });
const MESSAGE = JSON.stringify([
  {
    type: 'actions',
    block_id: 'b',
    elements: [
      {
        type: 'static_select',
        action_id: 'pick',
        options: [
          { text: plain('One'), value: '1' },
          { text: plain('Two'), value: '2' },
        ],
      },
      { type: 'button', action_id: 'go', text: plain('Go') },
    ],
  },
]);
const FORM = JSON.stringify({
  type: 'modal',
  title: plain('Form'),
  submit: plain('Send'),
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: plain('Why'),
      element: { type: 'plain_text_input', action_id: 'reason' },
    },
  ],
});

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

async function state(user = 'U0BEN'): Promise<ClientState> {
  const response = await fetch(`${world.sandbox.url}/client/state?user=${user}`);
  expect(response.status).toBe(200);
  return (await response.json()) as ClientState;
}

async function act(asked: ClientDo | object): Promise<ClientDone & { status: number }> {
  const response = await fetch(`${world.sandbox.url}/client/do`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  });
  return { status: response.status, ...((await response.json()) as ClientDone) };
}

/** As a browser would, from wherever it says. */
function ask(method: string, path: string, headers: Record<string, string>, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request(world.sandbox.url + path, { method, headers }, (res) => {
      resolve(res.statusCode ?? 0);
      res.destroy();
    });
    req.on('error', reject);
    req.end(body);
  });
}

test('the state of a workspace where nothing has happened', async () => {
  expect(await state()).toEqual({
    team: { id: 'T0SANDBOX', name: 'Sandbox', domain: 'sandbox' },
    appName: 'Scopekeeper',
    users: world.sandbox.users,
    me: 'U0BEN',
    channels: [
      { id: 'C0GENERAL', name: 'general', isIm: false },
      { id: 'D0BEN', name: 'Scopekeeper', isIm: true },
    ],
    commands: [
      expect.objectContaining({
        command: '/permissions',
        description: expect.any(String),
        usageHint: expect.any(String),
      }),
    ],
    shortcuts: [expect.objectContaining({ callbackId: 'request_permissions', name: 'Request permissions' })],
    messages: [],
    prompt: null,
    surface: null,
    home: null,
    granted: { U0ADA: [], U0BEN: [], U0CLEO: [] },
    log: [],
  });
});

test('a person’s messages, with authors and what they set', async () => {
  await world.call('chat.postMessage', { channel: 'D0BEN', text: 'hello', blocks: MESSAGE });
  world.app.onRequest(() => ({ status: 500 }));
  await act({ user: 'U0BEN', do: 'command', command: '/permissions', channel: 'D0BEN' });

  const { messages } = await state();

  expect(messages).toMatchObject([
    {
      text: 'hello',
      author: { id: 'U0APP', name: 'scopekeeper' },
      at: world.clock.now(),
      edited: false,
      buttons: ['Go'],
      values: { b: { pick: { type: 'static_select', selected_option: null } } },
    },
    { author: { id: 'USLACKBOT', name: 'slackbot' }, ephemeral: true, channel: 'D0BEN' },
  ]);
  expect((await state('U0ADA')).messages).toEqual([]);
});

test('the whole journey through the page: command, press, permission modal, taking back', async () => {
  const { sandbox, app } = world;
  app.onRequest(async ({ form, payload }) => {
    if (form.command) return { body: { text: 'Press.', blocks: JSON.parse(MESSAGE) } };
    if (payload.type !== 'block_actions') return undefined;
    const { trigger_id } = payload as { trigger_id: string };
    await world.call('apps.permissions.users.request', { scopes: 'chat:write', user: 'U0BEN', trigger_id });
    return undefined;
  });

  const done = await act({ user: 'U0BEN', do: 'command', command: '/permissions', text: 'help me' });
  expect(done).toEqual({ status: 200, ok: true, delivery: { status: 200, error: null, durationMs: 0 } });
  expect(app.requests[0]?.form).toMatchObject({ text: 'help me', channel_id: 'C0GENERAL' });
  const [message] = (await state()).messages;
  const state1 = { type: 'static_select', selected_option: { text: plain('Two'), value: '2' } };
  await act({
    user: 'U0BEN',
    do: 'press',
    messageTs: message?.ts,
    blockId: 'b',
    actionId: 'go',
    values: { b: { pick: state1 } },
  });
  expect(app.requests[1]?.payload).toMatchObject({
    actions: [{ action_id: 'go' }],
    state: { values: { b: { pick: state1 } } },
  });
  expect((await state()).prompt).toEqual({ scopes: ['chat:write'], appName: 'Scopekeeper' });
  expect((await state('U0CLEO')).prompt).toBeNull();

  await act({ user: 'U0BEN', do: 'allow' });
  expect((await state('U0CLEO')).granted).toEqual({ U0ADA: [], U0BEN: ['chat:write'], U0CLEO: [] });
  expect((await state()).prompt).toBeNull();

  await act({ user: 'U0BEN', do: 'take_back' });
  expect((await state()).granted.U0BEN).toEqual([]);
  expect(sandbox.deliveries.at(-1)?.payload.event).toMatchObject({ type: 'user_resource_removed' });
});

test('a select is pressed with what was chosen in it', async () => {
  await world.call('chat.postMessage', { channel: 'D0BEN', text: 'hello', blocks: MESSAGE });
  const chosen = { type: 'static_select', selected_option: { text: plain('Two'), value: '2' } };
  const messageTs = (await state()).messages[0]?.ts;

  await act({
    user: 'U0BEN',
    do: 'press',
    messageTs,
    blockId: 'b',
    actionId: 'pick',
    values: { b: { pick: chosen } },
  });

  expect(world.app.requests[0]?.payload).toMatchObject({ actions: [{ action_id: 'pick', ...chosen }] });
  expect((await state()).messages[0]?.values).toEqual({ b: { pick: chosen } });
});

test('a modal is shown, filled in and sent; its errors come back', async () => {
  const { app } = world;
  await world.call('views.open', { trigger_id: await world.freshTrigger(), view: FORM });
  expect((await state()).surface).toMatchObject({
    kind: 'modal',
    id: expect.stringMatching(/^V/),
    view: { title: plain('Form'), blocks: [{ block_id: 'why' }] },
    values: { why: { reason: { type: 'plain_text_input', value: null } } },
    errors: {},
    depth: 1,
  });
  app.onRequest(() => ({ body: { response_action: 'errors', errors: { why: 'No.' } } }));

  expect(await act({ user: 'U0BEN', do: 'submit', values: {} })).toMatchObject({ status: 400, ok: false });
  expect((await state()).surface?.errors).toEqual({ why: 'Please complete this required field.' });
  const values = { why: { reason: { type: 'plain_text_input', value: 'so' } } };
  expect(await act({ user: 'U0BEN', do: 'submit', values })).toMatchObject({ ok: true });
  expect((await state()).surface).toMatchObject({ errors: { why: 'No.' }, values });
  expect(app.requests.at(-1)?.payload).toMatchObject({ view: { state: { values } } });

  expect(await act({ user: 'U0BEN', do: 'cancel' })).toEqual({ status: 200, ok: true, delivery: null });
  expect((await state()).surface).toBeNull();
});

test('a dialog is shown, filled in and sent', async () => {
  const dialog = {
    callback_id: 'f',
    title: 'Dialog',
    elements: [{ type: 'text', label: 'Why', name: 'why', value: 'a' }],
  };
  const trigger_id = await world.freshTrigger();
  await world.call('dialog.open', { trigger_id, dialog: JSON.stringify(dialog) });
  expect((await state()).surface).toEqual({
    kind: 'dialog',
    id: expect.any(String),
    dialog,
    values: { why: 'a' },
    errors: {},
  });

  await act({ user: 'U0BEN', do: 'submit', submission: { why: 'so' } });

  expect(world.app.requests.at(-1)?.payload).toMatchObject({
    type: 'dialog_submission',
    submission: { why: 'so' },
  });
  expect((await state()).surface).toBeNull();
});

test('shortcut, deny and closing the permission modal', async () => {
  const ask = async () =>
    world.call('apps.permissions.users.request', {
      scopes: 'chat:write',
      user: 'U0BEN',
      trigger_id: await world.freshTrigger(),
    });
  await act({ user: 'U0BEN', do: 'shortcut', callbackId: 'request_permissions' });
  expect(world.app.requests[0]?.payload).toMatchObject({
    type: 'shortcut',
    callback_id: 'request_permissions',
  });
  await ask();
  await act({ user: 'U0BEN', do: 'deny' });
  expect(world.app.requests.at(-1)?.payload).toMatchObject({ event: { type: 'user_resource_denied' } });
  await ask();
  expect(await act({ user: 'U0BEN', do: 'close_prompt' })).toMatchObject({ ok: true, delivery: null });
  expect((await state()).prompt).toBeNull();
});

test.each([
  ['somebody unknown', { user: 'U0X', do: 'deny' }, 'There is no person U0X'],
  ['nothing to do', { user: 'U0BEN' }, 'Nothing known to do'],
  ['something else', { user: 'U0BEN', do: 'fly' }, 'Nothing known to do: fly'],
  ['no modal', { user: 'U0BEN', do: 'allow' }, 'There is no permission modal'],
  ['no form', { user: 'U0BEN', do: 'submit' }, 'There is no modal or dialog'],
  ['no command', { user: 'U0BEN', do: 'command', command: 'permissions' }, 'starts with a slash'],
  [
    'a channel that there is not',
    { user: 'U0BEN', do: 'command', command: '/p', channel: 'C0X' },
    'no channel C0X',
  ],
  [
    'a message of another',
    { user: 'U0BEN', do: 'press', messageTs: '1.2', blockId: 'b', actionId: 'go' },
    'no such message',
  ],
])('%s is refused', async (_name, asked, error) => {
  expect(await act(asked)).toMatchObject({ status: 400, ok: false, error: expect.stringContaining(error) });
  expect(world.app.requests).toEqual([]);
});

test('what is no JSON object is refused', async () => {
  const json = { 'content-type': 'application/json' };
  const command = '{"user":"U0BEN","do":"command","command":"/permissions"}';
  expect(await ask('POST', '/client/do', json, 'nonsense')).toBe(400);
  expect(await act([command])).toEqual({ status: 400, ok: false, error: 'Send a JSON object.' });
  expect(await ask('POST', '/client/do', { 'content-type': 'text/plain' }, command)).toBe(400);
  expect(await ask('GET', '/client/state', {})).toBe(400);
  expect(await ask('GET', '/client/nonsense', {})).toBe(404);
  expect(await ask('POST', '/client/do', json, 'x'.repeat(1_048_577))).toBe(413);
  expect(world.app.requests).toEqual([]);
});

test('the log shows both directions, newest last, 30 lines, and no secrets', async () => {
  const { payload } = await world.sandbox.as('U0BEN').runCommand('/permissions', 'status');
  const trigger_id = payload.trigger_id as string;
  await world.call('apps.permissions.users.request', { scopes: 'chat:write', user: 'U0BEN', trigger_id });
  await world.call('apps.permissions.users.request', { scopes: 'fly', user: 'U0BEN', trigger_id });
  await world.call('views.open', { trigger_id });
  await world.sandbox.as('U0BEN').allow();

  const { log } = await state();

  const at = world.clock.now();
  expect(log).toEqual([
    {
      at,
      kind: 'command',
      name: '/permissions',
      user: 'U0BEN',
      status: 200,
      outcome: 'ok',
      attempt: 1,
      durationMs: 0,
      detail: 'status',
    },
    {
      at,
      kind: 'call',
      name: 'apps.permissions.users.request',
      user: 'U0BEN',
      status: 200,
      outcome: 'ok',
      attempt: 1,
      triggerAgeMs: 0,
      detail: 'chat:write',
    },
    {
      at,
      kind: 'call',
      name: 'apps.permissions.users.request',
      user: 'U0BEN',
      status: 200,
      outcome: 'invalid_scope',
      attempt: 1,
      triggerAgeMs: 0,
      detail: 'fly',
    },
    {
      at,
      kind: 'call',
      name: 'views.open',
      status: 200,
      outcome: 'exchanged_trigger_id',
      attempt: 1,
      triggerAgeMs: 0,
      detail: '',
    },
    {
      at,
      kind: 'event',
      name: 'user_resource_granted',
      user: 'U0BEN',
      status: 200,
      outcome: 'ok',
      attempt: 1,
      durationMs: 0,
      detail: 'chat:write',
    },
  ]);
  for (const secret of [trigger_id, world.sandbox.botToken, payload.response_url as string]) {
    expect(JSON.stringify(log)).not.toContain(secret);
  }
  for (let call = 0; call < 40; call += 1) await world.call('users.info', { user: 'U0ADA' });
  expect((await state()).log).toHaveLength(30);
});

test('changes are streamed as they happen', async () => {
  const stop = new AbortController();
  const response = await fetch(`${world.sandbox.url}/client/changes`, { signal: stop.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe(': listening\n\n');

  world.sandbox.grantDirectly('U0BEN', ['chat:write']);
  world.sandbox.grantDirectly('U0BEN', ['dnd:write:user']);

  let seen = '';
  while (!seen.includes('data: 2')) seen += (await reader.read()).value;
  expect(seen).toBe('event: change\ndata: 1\n\nevent: change\ndata: 2\n\n');
  stop.abort();
});

describe('only the page itself may use it', () => {
  const port = () => new URL(world.sandbox.url).port;
  const paths = ['/client/state?user=U0BEN', '/client/changes'];

  test('another origin, site or host name is refused', async () => {
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${Number(port()) + 1}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { host: `evil.example:${port()}` },
    ];
    for (const headers of foreign) {
      for (const path of paths) expect(await ask('GET', path, headers)).toBe(403);
      const json = { ...headers, 'content-type': 'application/json' };
      expect(await ask('POST', '/client/do', json, '{"user":"U0BEN","do":"command","command":"/p"}')).toBe(
        403,
      );
    }
    expect(world.app.requests).toEqual([]);
  });

  test('its own is not', async () => {
    const own: Record<string, string>[] = [
      { origin: `http://127.0.0.1:${port()}`, 'sec-fetch-site': 'same-origin' },
      { origin: `http://localhost:${port()}`, host: `localhost:${port()}` },
      { 'sec-fetch-site': 'none' },
      {},
    ];
    for (const headers of own) {
      for (const path of paths) expect(await ask('GET', path, headers)).toBe(200);
    }
  });
});
