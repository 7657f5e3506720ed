import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox';
import type { SocketRefusal } from '../../sandbox/types';
import { PayloadError } from '../../services/runtime/errors';
import { createLogger, type Logger } from '../../services/runtime/logger';
import { createBoltApp } from '../support/bolt-app';
import { createTestClock, type TestClock } from '../support/test-clock';
import { until } from '../support/until';

const EVENT = { type: 'user_resource_denied', user: 'U0BEN', scopes: ['chat:write'], trigger_id: '1.2.abc' };

/** A promise that the test settles: a listener under way for as long as that. */
function createGate() {
  let open = () => {};
  let fail = (_error: Error) => {};
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open: () => open(), fail: (error: Error) => fail(error) };
}

let clock: TestClock;
let sandbox: Sandbox;
let lines: { level: string; msg: string; [field: string]: unknown }[];
let logger: Logger;
let apps: { stop(): Promise<unknown> }[];
beforeEach(async () => {
  clock = createTestClock();
  sandbox = await startSandbox({ clock });
  lines = [];
  logger = createLogger({
    level: 'debug',
    secrets: [],
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  apps = [];
});
afterEach(async () => {
  await Promise.all(apps.map((app) => app.stop()));
  await sandbox.close();
});

function createApp(options: { appToken?: string; slackApiUrl?: string } = {}) {
  const app = createBoltApp(sandbox, { transport: 'socket', clock, logger, ...options });
  apps.push(app);
  return app;
}

const ben = () => sandbox.as('U0BEN');
/** What the log says above the chatter of Slack's library. */
const told = (level: string) => lines.filter((line) => line.level === level).map(({ msg }) => msg);

describe('what comes over the socket', () => {
  it('sends no payload where Slack takes none', async () => {
    const app = createApp();
    app.shortcut('request_permissions', async ({ ack }) => ack({ surplus: true } as never));
    await app.start();
    expect(await ben().runShortcut('request_permissions')).toMatchObject({ status: 200, responseBody: '' });
  });

  it('acknowledges an event that nobody can read: to send it again cannot help', async () => {
    const app = createApp();
    app.event(EVENT.type, async () => {
      throw new PayloadError('the event has no scopes');
    });
    await app.start();

    expect(await sandbox.sendEvent(EVENT)).toMatchObject({ status: 200, attempt: 1 });
    expect(told('error')).toEqual(['malformed payload from slack']);
  });
});

describe('the connection', () => {
  it('that Slack is about to close is left when another is open, and what it brought is acknowledged', async () => {
    const app = createApp();
    const gate = createGate();
    const reached: string[] = [];
    app.command('/permissions', async ({ ack, command }) => {
      reached.push(command.text);
      if (command.text === 'slow') await gate.passed;
      await ack(`done ${command.text}`);
    });
    await app.start();
    await clock.advance(60_000);
    const slow = ben().runCommand('/permissions', 'slow');
    await until(() => reached.length === 1);

    let isLeft = false;
    const left = sandbox.sockets.disconnect('refresh_requested').then(() => {
      isLeft = true;
    });
    expect(await ben().runCommand('/permissions', 'meanwhile')).toMatchObject({ status: 200 });
    await until(() => sandbox.sockets.count() === 2);
    expect(await ben().runCommand('/permissions', 'quick')).toMatchObject({ status: 200 });
    expect(isLeft).toBe(false);
    gate.open();

    expect(await slow).toMatchObject({ status: 200 });
    await left;
    expect(sandbox.sockets.count()).toBe(1);
    expect(await ben().runCommand('/permissions', 'after')).toMatchObject({ status: 200 });
    expect(told('warn')).toEqual([]);
  });

  it('that breaks is opened again', async () => {
    const app = createApp();
    await app.start();
    await clock.advance(60_000);

    sandbox.sockets.drop();
    await until(() => sandbox.sockets.count() === 1);

    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200 });
    expect(told('warn')).toEqual(['connection to slack closed: opening another']);
  });

  it('that breaks as soon as it is open is not opened again at once', async () => {
    const app = createApp();
    await app.start();
    for (const delayMs of [1_000, 2_000]) {
      sandbox.sockets.drop();
      await until(() => told('warn').length === (delayMs === 1_000 ? 1 : 2));
      await clock.advance(delayMs - 1);
      expect(sandbox.sockets.count()).toBe(0);
      await clock.advance(1);
      await until(() => sandbox.sockets.count() === 1);
      await until(() => told('info').length === (delayMs === 1_000 ? 2 : 3));
    }
  });

  it('that was switched off is told to the operator, and tried for', async () => {
    const app = createApp();
    await app.start();
    await clock.advance(60_000);
    sandbox.faults.answerNext('apps.connections.open', { body: { ok: false, error: 'invalid_auth' } });

    void sandbox.sockets.disconnect('link_disabled');
    await until(() => told('error').length === 2);
    await clock.advance(30_000);
    await until(() => sandbox.sockets.count() === 1);

    expect(told('error')[0]).toContain('socket mode was switched off');
    expect(told('error')[1]).toContain('SLACK_APP_TOKEN is refused by Slack (invalid_auth)');
    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200 });
  });

  it('outlives whatever it is sent', async () => {
    const slack = createServer((_request, response) => {
      const { port } = slack.address() as AddressInfo;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/` }));
    });
    const sockets = new WebSocketServer({ server: slack });
    const answers: string[] = [];
    sockets.on('connection', (socket) => {
      socket.on('message', (data) => answers.push(String(data)));
      // One after the other in one go: the first of them comes before the app knows that it is connected.
      for (const message of [
        '{"type":"hello"}',
        '',
        'null',
        '7',
        '[]',
        '{"type":"hell',
        '{"type":"events_api"}',
        '{"type":"events_api","payload":null,"envelope_id":""}',
        '{"type":"events_api","payload":null,"envelope_id":"no payload"}',
        '{"type":"events_api","payload":"null","envelope_id":"a text"}',
        '{"type":"slash_commands","payload":{"command":"/permissions"},"envelope_id":"of nobody"}',
        '{"type":"interactive","payload":{"type":"dialog_cancellation"},"envelope_id":"cancelled"}',
        '{"type":"error","payload":{},"envelope_id":"by another name"}',
        '{"type":"disconnected","reason":7}',
      ])
        socket.send(message);
      socket.send(Buffer.from([0xff, 0x00]));
      const command = { command: '/permissions', user_id: 'U0BEN', team_id: 'T0SANDBOX', text: '' };
      const last = { envelope_id: 'last', payload: command, accepts_response_payload: true };
      socket.send(JSON.stringify({ type: 'slash_commands', ...last }));
    });
    await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
    const app = createApp({ slackApiUrl: `http://127.0.0.1:${(slack.address() as AddressInfo).port}/` });
    app.command('/permissions', async ({ ack }) => ack('Still here'));
    await app.start();

    await until(() => answers.some((text) => text.includes('last')));

    const ids = answers.map((text) => JSON.parse(text).envelope_id).slice(0, -1);
    expect(ids.sort()).toEqual(['a text', 'by another name', 'cancelled', 'no payload', 'of nobody']);
    expect(JSON.parse(answers.at(-1)!)).toEqual({ envelope_id: 'last', payload: { text: 'Still here' } });
    await app.stop();
    sockets.close();
    await new Promise((resolve) => slack.close(resolve));
  });
});

describe('starting', () => {
  it.each([
    ['invalid_auth', 'xapp-1-other'],
    ['not_allowed_token_type', 'the bot token'],
  ])('ends with a sentence where Slack says %s', async (error, appToken) => {
    const app = createApp({ appToken: appToken === 'the bot token' ? sandbox.botToken : appToken });
    await expect(app.start()).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(
        new RegExp(`SLACK_APP_TOKEN is refused by Slack \\(${error}\\).*App-Level Tokens.*connections:write`),
      ),
    });
    expect(told('error')).toEqual([]);
  });

  it('goes on trying while Slack cannot be reached, and says so', async () => {
    const trouble = { body: { ok: false, error: 'internal_error' } };
    for (const answer of [{ status: 503, text: '' }, { reset: true as const }, trouble]) {
      sandbox.faults.answerNext('apps.connections.open', answer);
    }
    const app = createApp();
    const starting = app.start();
    for (const [index, delayMs] of [1_000, 2_000, 4_000].entries()) {
      await until(() => told('warn').length === index + 1);
      expect(lines.findLast(({ level }) => level === 'warn')).toMatchObject({
        msg: 'cannot reach slack by socket mode: retrying',
        retry_in_ms: delayMs,
      });
      await clock.advance(delayMs);
    }
    await starting;

    expect(sandbox.sockets.count()).toBe(1);
    expect(told('info')).toEqual(['connected to slack by socket mode']);
  });

  it.each<[string, SocketRefusal]>([
    ['says goodbye and closes', { reason: 'too_many_websockets' }],
    ['says goodbye and leaves the socket open', { reason: 'too_many_websockets', staysOpen: true }],
    ['closes without a word', {}],
  ])('waits 1, 2 and 4 s where Slack, before its hello, %s', async (_how, refusal) => {
    sandbox.sockets.refuseNext(refusal, 3);
    const app = createApp();
    const starting = app.start();
    for (const [index, delayMs] of [1_000, 2_000, 4_000].entries()) {
      await until(() => told('warn').length === index + 1);
      expect(lines.findLast(({ level }) => level === 'warn')).toMatchObject({ retry_in_ms: delayMs });
      await clock.advance(delayMs - 1);
      expect(sandbox.callsTo('apps.connections.open')).toHaveLength(index + 1);
      await clock.advance(1);
      await until(() => sandbox.callsTo('apps.connections.open').length === index + 2);
    }
    await starting;

    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200 });
    expect(told('info')).toEqual(['connected to slack by socket mode']);
  });

  it('waits for a hello no longer than 20 s, and then as after any other failure', async () => {
    sandbox.sockets.refuseNext({ staysOpen: true }, 2);
    const app = createApp();
    const starting = app.start();
    for (const [index, delayMs] of [1_000, 2_000].entries()) {
      await until(() => sandbox.sockets.count() === index + 1);
      await clock.advance(20_000);
      await until(() => told('warn').length === index + 1);
      expect(lines.findLast(({ level }) => level === 'warn')).toMatchObject({
        error: 'no_hello',
        retry_in_ms: delayMs,
      });
      await clock.advance(delayMs);
    }
    await starting;
    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200 });
  });

  it('says what to do where Socket Mode is switched off, and goes on trying', async () => {
    sandbox.sockets.refuseNext({ reason: 'link_disabled' });
    const app = createApp();
    const starting = app.start();
    await until(() => told('error').length === 1);
    expect(told('error')[0]).toContain('switch it on again');
    await clock.advance(1_000);
    await starting;
  });

  it('waits as long as Slack says', async () => {
    const tooMany = {
      status: 429,
      headers: { 'Retry-After': '20' },
      body: { ok: false, error: 'ratelimited' },
    };
    sandbox.faults.answerNext('apps.connections.open', tooMany);
    const app = createApp();
    const starting = app.start();
    await until(() => told('warn').length === 1);
    await clock.advance(19_999);
    expect(sandbox.callsTo('apps.connections.open')).toHaveLength(1);
    await clock.advance(1);
    await starting;
  });

  it('can be stopped before it is connected', async () => {
    sandbox.faults.answerAlways('apps.connections.open', { status: 503, text: '' });
    const app = createApp();
    const starting = app.start();
    await until(() => told('warn').length === 1);
    await app.stop();
    await starting;
    expect(sandbox.sockets.count()).toBe(0);
  });
});

describe('stopping', () => {
  it('finishes and acknowledges what is under way, and takes nothing new', async () => {
    const app = createApp();
    const gate = createGate();
    const reached: string[] = [];
    app.command('/permissions', async ({ ack, command }) => {
      reached.push(command.text);
      await gate.passed;
      await ack('done');
    });
    await app.start();
    const first = ben().runCommand('/permissions', 'first');
    await until(() => reached.length === 1);

    let isStopped = false;
    const stopping = app.stop().then(() => {
      isStopped = true;
    });
    const second = ben().runCommand('/permissions', 'second');
    await clock.advance(1_000);
    expect(isStopped).toBe(false);
    gate.open();

    expect(await first).toMatchObject({ status: 200 });
    await stopping;
    expect(await second).toMatchObject({ status: undefined, error: 'connection_failed' });
    expect(reached).toEqual(['first']);
    await until(() => sandbox.sockets.count() === 0);
  });

  it('does not wait for ever', async () => {
    const app = createApp();
    let isReached = false;
    app.command('/permissions', async () => {
      isReached = true;
      await new Promise(() => {});
    });
    await app.start();
    void ben().runCommand('/permissions');
    await until(() => isReached);

    const stopping = app.stop();
    await clock.advance(10_000);
    await stopping;

    expect(told('warn')).toEqual(['stopping with unfinished work: slack will retry it']);
  });
});
