import { connect, type Socket } from 'node:net';
import { createDeliveries } from '../../receivers/delivery';
import { createHttpReceiver } from '../../receivers/http';
import { createBodyReader } from '../../receivers/read-body';
import { noMetrics } from '../../services/metrics/metrics';
import { createBackground } from '../../services/runtime/background';
import { systemClock } from '../../services/runtime/clock';
import { createLogger } from '../../services/runtime/logger';
import { noClockSkew } from '../../services/slack/clock-skew';
import { createWebServer, type WebServer } from '../../web/server';
import { sign } from '../support/signed-post';
import { createTestClock, type TestClock } from '../support/test-clock';
import { until } from '../support/until';

const SECRET = 'a-secret-of-the-test';
const WORDS = expect.stringContaining('try again');
const COMMAND = new URLSearchParams({ token: 't', team_id: 'T1', user_id: 'U1', command: '/permissions' });

const toForm = (payload: object) => `payload=${encodeURIComponent(JSON.stringify(payload))}`;
const withText = (text: string) => `${COMMAND}&text=${encodeURIComponent(text)}`;
const FROM = { team: { id: 'T1' }, user: { id: 'U1' } };
const ACTION = { type: 'block_actions', ...FROM, actions: [{ value: 'view_submission&command=%2F' }] };
const VIEW = { ...FROM, view: { id: 'V1' } };

describe('POST /slack/events, while too much is under way', () => {
  let web: WebServer;
  let url: string;

  beforeAll(async () => {
    const logger = createLogger({ level: 'fatal', secrets: [] });
    const deliveries = createDeliveries({
      background: createBackground({ logger }),
      logger,
      most: { idle: 0, saturated: 0 },
    });
    web = createWebServer({ port: 0, host: '127.0.0.1', logger });
    const parts = { clockSkew: noClockSkew, clock: systemClock, logger, metrics: noMetrics };
    await createHttpReceiver({ signingSecret: SECRET, server: web, deliveries, ...parts }).start();
    url = `http://127.0.0.1:${await web.start()}/slack/events`;
  });
  afterAll(() => web.stop());

  async function send(body: string, { isForm = true, secret = SECRET } = {}) {
    const stamp = Math.floor(Date.now() / 1_000);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        'x-slack-request-timestamp': String(stamp),
        'x-slack-signature': sign(secret, stamp, body),
      },
      body,
    });
    return { status: response.status, text: await response.text() };
  }

  it.each([
    ['a command', withText('request'), { response_type: 'ephemeral', text: WORDS }],
    [
      'a command that names a modal',
      withText('view_submission payload=%7B%22type%22%3A%22view_submission'),
      { response_type: 'ephemeral', text: WORDS },
    ],
    [
      'a dialog',
      toForm({ type: 'dialog_submission', ...FROM, callback_id: 'c', submission: {} }),
      { errors: [{ name: 'scopes', error: WORDS }] },
    ],
    [
      'a modal',
      toForm({ type: 'view_submission', ...VIEW }),
      { response_action: 'errors', errors: { scopes: WORDS } },
    ],
    [
      'a modal, its type not in the first place',
      toForm({ ...VIEW, type: 'view_submission' }),
      { response_action: 'errors', errors: { scopes: WORDS } },
    ],
  ])('answers %s in words', async (_what, body, words) => {
    const { status, text } = await send(body);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual(words);
  });

  it.each([
    ['a button', toForm(ACTION), true],
    [
      'an event',
      JSON.stringify({
        type: 'event_callback',
        event_id: 'Ev1',
        team_id: 'T1',
        event: { type: 'x', text: '&command=%2F' },
      }),
      false,
    ],
  ])('answers %s with 503, for Slack to send it again', async (_what, body, isForm) => {
    expect((await send(body, { isForm })).status).toBe(503);
  });

  it('does not verify a command: that takes longer than all else of the refusal', async () => {
    const { status, text } = await send(withText('request'), { secret: 'another-secret' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ response_type: 'ephemeral', text: WORDS });
  });

  it('refuses a button that Slack did not sign', async () => {
    expect((await send(toForm(ACTION), { secret: 'another-secret' })).status).toBe(401);
  });
});

describe('POST /slack/events, while bodies are held open', () => {
  let lines: { msg: string; [field: string]: unknown }[];
  let clock: TestClock;
  let web: WebServer;
  let port: number;
  let sockets: Socket[];

  beforeEach(async () => {
    lines = [];
    sockets = [];
    clock = createTestClock();
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const logger = createLogger({ level: 'info', secrets: [], destination });
    const deliveries = {
      ...createDeliveries({ background: createBackground({ logger }), logger }),
      take: async () => ({ is: 'acknowledged' as const, payload: 'taken' }),
    };
    const readBody = createBodyReader({ mostUnfinishedBytes: 2_500 });
    const parts = { clockSkew: noClockSkew, clock, logger, metrics: noMetrics, readBody };
    web = createWebServer({ port: 0, host: '127.0.0.1', logger });
    await createHttpReceiver({ signingSecret: SECRET, server: web, deliveries, ...parts }).start();
    port = await web.start();
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await web.stop();
  });

  /** So much of a body of 2,000 bytes. */
  function open(length: number): { text: string } {
    const heard = { text: '' };
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', (data) => {
      heard.text += String(data);
    });
    socket.write(
      `POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n${'x'.repeat(length)}`,
    );
    sockets.push(socket);
    return heard;
  }

  it('gives up the one that takes the longest, and takes what comes whole', async () => {
    const slow = open(1_000);
    await until(() => sockets.length === 1 && sockets[0]?.bytesWritten !== 0);
    const whole = () => {
      const body = withText('status');
      const stamp = Math.floor(clock.now() / 1_000);
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(stamp),
        'x-slack-signature': sign(SECRET, stamp, body),
      };
      return fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body });
    };
    expect(await (await whole()).text()).toBe('taken');
    expect(slow.text).toBe('');
    const slower = open(1_900);
    await until(() => slow.text !== '');
    expect(slow.text).toContain('503 Service Unavailable');
    expect(await (await whole()).text()).toBe('taken');
    expect(slower.text).toBe('');
  });

  it('and are refused, says so in one line a minute, with how many there were', async () => {
    const refused = () => fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', body: 'x' });
    for (let count = 0; count < 50; count += 1) expect((await refused()).status).toBe(401);
    await clock.advance(60_000);
    await refused();
    expect(lines.filter(({ status }) => status === 401)).toMatchObject([
      { msg: 'request refused', status: 401 },
      { msg: 'request refused', status: 401, since_last_line: 49 },
    ]);
  });
});
