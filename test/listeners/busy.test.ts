import type { Server } from 'node:http';
import { createFront } from '../../listeners/front';
import { createGate } from '../../listeners/gate';
import { createBackground } from '../../services/background';
import { systemClock } from '../../services/clock';
import { createLogger } from '../../services/logger';
import { noMetrics } from '../../services/metrics/metrics';
import { noSlackTime } from '../../services/slack-time';
import { createWebServer, type WebServer } from '../../web/server';
import { sign } from '../support/signed-post';

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
  let server: Server;
  let url: string;

  beforeAll(async () => {
    const logger = createLogger({ level: 'fatal', secrets: [] });
    const front = createFront({
      asks: { take: () => Promise.reject(new Error('nothing is taken')) },
      loadBolt: () => Promise.reject(new Error('nothing is taken')),
      background: createBackground({ logger }),
      logger,
      most: { idle: 0, saturated: 0 },
    });
    const parts = { slackTime: noSlackTime, clock: systemClock, logger, metrics: noMetrics };
    const gate = createGate({ signingSecret: SECRET, front, ...parts });
    web = createWebServer({
      loadRoutes: async () => [],
      first(request, response) {
        void gate(request, response);
        return true;
      },
      port: 0,
      host: '127.0.0.1',
      logger,
    });
    server = await web.start();
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/slack/events`;
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
