import { once } from 'node:events';
import { type Logger, LogLevel, SocketModeClient } from '@slack/socket-mode';
import { WebSocket } from 'ws';
import { until } from './support/until';
import { startWorld, type World } from './support/world';

const EVENT = { type: 'user_resource_denied', user: 'U0BEN', scopes: ['chat:write'], trigger_id: '1.2.abc' };
const VIEW = {
  type: 'modal',
  callback_id: 'form',
  title: { type: 'plain_text', text: 'Title' },
  submit: { type: 'plain_text', text: 'Send' },
  blocks: [{ type: 'divider' }],
};

/** What Slack's own client hands on of an envelope. */
interface Received {
  ack(payload?: object | string): Promise<void>;
  type: string;
  body: Record<string, unknown>;
  retry_num?: number;
  retry_reason?: string;
  accepts_response_payload: boolean;
}

const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

let world: World;
let clients: SocketModeClient[];
let received: Received[];
beforeEach(async () => {
  world = await startWorld({ requestUrl: undefined });
  clients = [];
  received = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.disconnect()));
  await world.close();
});

/** Slack's own client; `answer` takes what comes, and acknowledges unless told otherwise. */
async function connect(answer: (args: Received) => unknown = ({ ack }) => ack()): Promise<SocketModeClient> {
  const { appToken, apiUrl } = world.sandbox;
  const client = new SocketModeClient({
    appToken,
    clientOptions: { slackApiUrl: apiUrl },
    logger: silent,
    // It also waits that long before it connects again.
    clientPingTimeout: 500,
  });
  client.on('slack_event', async (args: Received) => {
    received.push(args);
    await answer(args);
  });
  clients.push(client);
  await client.start();
  return client;
}

async function openAddress(
  token = world.sandbox.appToken,
  { apiUrl } = world.sandbox,
): Promise<Record<string, string>> {
  const response = await fetch(`${apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
  });
  return (await response.json()) as Record<string, string>;
}

/** A connection that says nothing of itself, and what came over it. */
async function connectBare(sandbox = world.sandbox) {
  const socket = new WebSocket((await openAddress(sandbox.appToken, sandbox)).url!);
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  await until(() => messages.length > 0);
  return { socket, messages };
}

const ben = () => world.sandbox.as('U0BEN');

test('apps.connections.open takes the app-level token only, and no other method does', async () => {
  const { sandbox } = world;
  expect(await openAddress('')).toEqual({ ok: false, error: 'not_authed' });
  expect(await openAddress('xapp-other')).toEqual({ ok: false, error: 'invalid_auth' });
  expect(await openAddress(sandbox.botToken)).toEqual({ ok: false, error: 'not_allowed_token_type' });
  expect(await world.call('auth.test', { token: sandbox.appToken })).toMatchObject({ ok: true });
  const response = await fetch(`${sandbox.apiUrl}auth.test?token=${sandbox.appToken}`);
  expect(await response.json()).toEqual({ ok: false, error: 'not_allowed_token_type' });
});

test('an address opens one connection, which says hello', async () => {
  const { url } = await openAddress();
  expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\/\?ticket=[\w-]+&app_id=A0SANDBOX$/);
  const socket = new WebSocket(url!);
  const [hello] = await once(socket, 'message');
  expect(JSON.parse(String(hello))).toMatchObject({
    type: 'hello',
    num_connections: 1,
    connection_info: { app_id: 'A0SANDBOX' },
    debug_info: expect.any(Object),
  });
  for (const bad of [url!, url!.replace(/ticket=[^&]*/, 'ticket=x'), `${world.sandbox.url}/client/`]) {
    const [error] = await once(new WebSocket(bad), 'error');
    expect(error.message).toContain('404');
  }
  expect(world.sandbox.sockets.count()).toBe(1);
  socket.close();
});

test('a command goes over the socket, and its acknowledgement is the answer', async () => {
  await connect(({ ack }) => ack({ text: 'Hello Ben' }));

  const delivery = await ben().runCommand('/permissions', 'status');

  expect(received).toMatchObject([{ type: 'slash_commands', accepts_response_payload: true }]);
  expect(received[0]?.body).toEqual(delivery.payload);
  expect(delivery).toMatchObject({ transport: 'socket', status: 200, headers: {}, attempt: 1 });
  expect(JSON.parse(delivery.body)).toMatchObject({ type: 'slash_commands', payload: { text: 'status' } });
  expect(ben().lastMessage()).toMatchObject({ text: 'Hello Ben', ephemeral: true });
});

test('a text alone is an answer, too, and an empty acknowledgement says nothing', async () => {
  const answers = ['In words', undefined];
  await connect(({ ack }) => ack(answers.shift()));

  await ben().runCommand('/permissions');
  expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200, responseBody: '' });

  expect(ben().messages()).toMatchObject([{ text: 'In words' }]);
});

test('forms: errors in the acknowledgement are shown, an empty one closes', async () => {
  const answers = [{}, { response_action: 'errors', errors: { why: 'No.' } }, undefined];
  await connect(({ ack }) => ack(answers.shift()));
  await world.call('views.open', { trigger_id: await world.freshTrigger(), view: JSON.stringify(VIEW) });

  await ben().submit();
  expect(ben().surface()?.errors).toEqual({ why: 'No.' });
  await ben().submit();

  expect(ben().surface()).toBeUndefined();
  expect(received.slice(1)).toMatchObject([
    { type: 'interactive', accepts_response_payload: true, body: { type: 'view_submission' } },
    { type: 'interactive' },
  ]);
});

test('an interaction whose answer says nothing takes no payload', async () => {
  await connect();
  await ben().runShortcut('request_permissions');
  expect(received).toMatchObject([{ accepts_response_payload: false, body: { type: 'shortcut' } }]);
});

test('an event that is not acknowledged comes again, as by HTTP', async () => {
  await connect(({ ack, retry_num }) => (retry_num === 2 ? ack() : undefined));
  const sent = world.sandbox.sendEvent(EVENT, { eventId: 'Ev1' });
  await until(() => received.length === 1);
  await world.clock.advance(3_000);
  await until(() => received.length === 2);
  await world.clock.advance(63_000);

  expect(await sent).toMatchObject({ status: 200, attempt: 3, transport: 'socket' });
  expect(received.map(({ retry_num, retry_reason }) => [retry_num, retry_reason])).toEqual([
    [0, ''],
    [1, 'http_timeout'],
    [2, 'http_timeout'],
  ]);
  for (const { type, body } of received) {
    expect([type, body.event_id, body.event]).toEqual(['events_api', 'Ev1', EVENT]);
  }
});

test('a command that is not acknowledged in three seconds is told to the person', async () => {
  await connect(() => undefined);
  const running = ben().runCommand('/permissions');
  await until(() => received.length === 1);
  await world.clock.advance(3_000);

  expect(await running).toMatchObject({ error: 'http_timeout', status: undefined, durationMs: 3_000 });
  expect(ben().lastMessage()?.text).toContain('operation_timeout');
});

test('an acknowledgement that comes too late, of another envelope, or is none, changes nothing', async () => {
  const { socket, messages } = await connectBare();
  const running = ben().runCommand('/permissions');
  await until(() => messages.length === 2);
  for (const text of ['', 'null', '7', '{"envelope_id":7}', '{"envelope_id":"other"}']) socket.send(text);
  await world.clock.advance(3_000);
  socket.send(JSON.stringify({ envelope_id: messages[1]?.envelope_id, payload: { text: 'Late' } }));

  expect(await running).toMatchObject({ error: 'http_timeout' });
  const next = ben().runCommand('/permissions');
  await until(() => messages.length === 3);
  socket.send(JSON.stringify({ envelope_id: messages[2]?.envelope_id }));
  expect(await next).toMatchObject({ status: 200 });
  expect(ben().messages()).toMatchObject([{ text: expect.stringContaining('operation_timeout') }]);
  socket.close();
});

test('of several connections one gets each payload', async () => {
  const counts = [0, 0, 0];
  for (const index of counts.keys()) {
    await connect(({ ack }) => {
      counts[index]! += 1;
      return ack();
    });
  }
  expect(world.sandbox.sockets.count()).toBe(3);

  for (let command = 0; command < 6; command += 1) await ben().runCommand('/permissions');

  expect(counts).toEqual([2, 2, 2]);
});

test('whoever connects chooses: by socket while one is open, by HTTP otherwise', async () => {
  const { sandbox, app } = world;
  sandbox.setRequestUrl(app.url);
  const client = await connect();
  expect(await ben().runCommand('/permissions')).toMatchObject({ transport: 'socket' });

  await client.disconnect();
  await until(() => sandbox.sockets.count() === 0);

  expect(await ben().runCommand('/permissions')).toMatchObject({ transport: 'http', status: 200 });
  expect([received.length, app.requests.length]).toEqual([1, 1]);
});

test('where no connection is open, nothing can be sent', async () => {
  await expect(ben().runCommand('/permissions')).rejects.toThrow('let the app open a socket');
  const client = await connect();
  await client.disconnect();
  await until(() => world.sandbox.sockets.count() === 0);

  expect(await ben().runCommand('/permissions')).toMatchObject({
    transport: 'socket',
    error: 'connection_failed',
  });
  expect(ben().lastMessage()?.text).toContain('dispatch_failed');
});

test('a connection that breaks takes what is not acknowledged with it', async () => {
  await connect(() => undefined);
  const running = ben().runCommand('/permissions');
  await until(() => received.length === 1);

  world.sandbox.sockets.drop();

  expect(await running).toMatchObject({ error: 'connection_failed', status: undefined });
});

test.each(['refresh_requested', 'warning', 'link_disabled'] as const)(
  'the official client connects again after a disconnect for %s',
  async (reason) => {
    const client = await connect();
    const messages: string[] = [];
    client.on('ws_message', (data: string) => messages.push(data));

    await world.sandbox.sockets.disconnect(reason);
    expect(world.sandbox.sockets.count()).toBe(0);
    await until(() => world.sandbox.sockets.count() === 1);

    expect(JSON.parse(messages[0]!)).toMatchObject({ type: 'disconnect', reason });
    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200 });
  },
);

test('one that is to be left gets something only where there is no other, and is closed after ten seconds', async () => {
  const { sandbox, clock } = world;
  const old = await connectBare();
  let isLeft = false;
  const left = sandbox.sockets.disconnect('warning').then(() => {
    isLeft = true;
  });
  await until(() => old.messages.length === 2);
  const running = ben().runCommand('/permissions');
  await until(() => old.messages.length === 3);
  old.socket.send(JSON.stringify({ envelope_id: old.messages[2]?.envelope_id }));
  expect(await running).toMatchObject({ status: 200 });

  await connect();
  for (let command = 0; command < 3; command += 1) await ben().runCommand('/permissions');
  expect([received.length, old.messages.length, isLeft]).toEqual([3, 3, false]);

  await clock.advance(10_000);
  await left;
  expect(sandbox.sockets.count()).toBe(1);
});

test('it pings: Slack’s client takes a silent connection for dead after thirty seconds', async () => {
  jest.useFakeTimers({
    doNotFake: ['Date', 'setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
  });
  try {
    const { socket } = await connectBare();
    const pinged = once(socket, 'ping');
    jest.advanceTimersByTime(10_000);
    await pinged;
    socket.close();
  } finally {
    jest.useRealTimers();
  }
});

test('closing the sandbox ends connections, and what is under way', async () => {
  const other = await startWorld({ requestUrl: undefined });
  const { socket, messages } = await connectBare(other.sandbox);
  const running = other.sandbox.as('U0BEN').runCommand('/permissions');
  await until(() => messages.length === 2);
  const closed = once(socket, 'close');

  await other.close();

  expect(await running).toMatchObject({ error: 'connection_failed' });
  await closed;
});
