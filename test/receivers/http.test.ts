import { connect } from 'node:net';
import { type Harness, startHarness } from '../support/harness';
import { post, postAction, sign } from '../support/signed-post';

const FORM = 'application/x-www-form-urlencoded';
const EVENT = JSON.stringify({
  type: 'event_callback',
  team_id: 'T0SANDBOX',
  event_id: 'Ev0RECEIVER',
  event_time: 1,
  event: {
    type: 'user_resource_granted',
    user: 'U0BEN',
    scopes: ['reminders:write:user'],
    trigger_id: '1.1.x',
  },
});

describe('what reaches POST /slack/events', () => {
  let harness: Harness;
  let now: number;
  beforeAll(async () => {
    harness = await startHarness();
    now = Math.floor(harness.clock.now() / 1_000);
  });
  afterEach(async () => {
    await harness.settled();
    expect(await harness.log()).toEqual([]);
    expect(await harness.grants()).toEqual([]);
    expect((await fetch(harness.url('/healthz'))).status).toBe(200);
  });
  afterAll(() => harness.close());

  function expectRefusal({ status, text }: { status: number; text: string }, expected: number): void {
    expect(status).toBe(expected);
    expect(text).not.toMatch(/\bat .*:\d+|Error|node_modules/);
    expect(text.length).toBeLessThan(200);
  }

  it.each([
    ['an unsigned body', { signature: '' }],
    ['a wrong signature', { signature: `v0=${'0'.repeat(64)}` }],
    ['a signature of another version', { signature: `v1=${'0'.repeat(64)}` }],
    ['a signature of another body', { signature: sign('sandbox', 1, '{}') }],
  ])('refuses %s', async (_what, fault) => {
    expectRefusal(await post(harness, { body: EVENT, ...fault }), 401);
  });

  it.each([
    ['cut short', (right: string) => right.slice(0, -1)],
    ['with something after it', (right: string) => `${right}0`],
    ['twice', (right: string) => `${right}, ${right}`],
    ['without its version', (right: string) => right.slice('v0='.length)],
    ['in letters of two bytes', (right: string) => `v0=${'é'.repeat((right.length - 3) / 2)}`],
    ['of another secret', () => sign('another', now, EVENT)],
  ])('refuses the signature %s', async (_what, spoil) => {
    const signature = spoil(sign(harness.slack.signingSecret, now, EVENT));
    expectRefusal(await post(harness, { body: EVENT, signature }), 401);
  });

  it.each([
    ['no timestamp', ''],
    ['a timestamp that is no number', 'soon'],
    ['a timestamp of six minutes ago', -360],
    ['a timestamp six minutes ahead', 360],
  ])('refuses %s, however well signed', async (_what, offset) => {
    const timestamp = typeof offset === 'number' ? now + offset : offset;
    expectRefusal(await post(harness, { body: EVENT, timestamp }), 401);
  });

  it('refuses a request without the signature headers', async () => {
    const response = await fetch(harness.url('/slack/events'), { method: 'POST', body: EVENT });
    expectRefusal({ status: response.status, text: await response.text() }, 401);
  });

  it('refuses a body of over 1 MB', async () => {
    expectRefusal(await post(harness, { body: JSON.stringify({ filler: 'x'.repeat(1024 * 1024) }) }), 413);
  });

  it('refuses bytes that are no UTF-8, though they are signed', async () => {
    const body = Buffer.concat([
      Buffer.from('{"type":"event_callback","x":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    expectRefusal(await post(harness, { body }), 400);
  });

  it.each([
    ['nothing', '', undefined],
    ['half of a JSON text', EVENT.slice(0, 40), undefined],
    ['null', 'null', undefined],
    ['a number', '7', undefined],
    ['a list', '[]', undefined],
    ['an empty object', '{}', undefined],
    ['payload=null', 'payload=null', FORM],
    ['payload=', 'payload=', FORM],
    ['half of a payload', 'payload=%7B%22type', FORM],
    ['a form of something else', 'name=Ben&colour=blue', FORM],
    ['a type that Slack has not', '{"type":"invoice_paid"}', undefined],
    ['a type of every object', '{"type":"constructor"}', undefined],
    ['an event that is null', '{"type":"event_callback","event_id":"E","event":null}', undefined],
    ['an event of no type', '{"type":"event_callback","event_id":"E","event":{}}', undefined],
    ['an event with a null user', EVENT.replace('"U0BEN"', 'null'), undefined],
    ['an event without an id', EVENT.replace('Ev0RECEIVER', ''), undefined],
    ['an event of no team', EVENT.replace('"T0SANDBOX"', 'null'), undefined],
    ['an action of nobody', `payload=${encodeURIComponent('{"type":"block_actions","actions":[{}]}')}`, FORM],
    [
      'an action without actions',
      `payload=${encodeURIComponent('{"type":"block_actions","user":{"id":"U"},"actions":[]}')}`,
      FORM,
    ],
    ['a command of nobody', 'command=%2Fpermissions&text=', FORM],
    ...['user_id', 'team_id', 'enterprise_id', 'trigger_id'].map((name): [string, string, string] => [
      `a command whose ${name} has 256 characters`,
      new URLSearchParams({
        command: '/permissions',
        text: 'request dnd:write:user',
        user_id: 'U0BEN',
        team_id: 'T0SANDBOX',
        trigger_id: '1.2.c',
        [name]: 'x'.repeat(256),
      }).toString(),
      FORM,
    ]),
    ...['user', 'team', 'enterprise', 'view'].map((name): [string, string, string] => [
      `an action whose ${name} has 256 characters`,
      `payload=${encodeURIComponent(
        JSON.stringify({
          type: 'block_actions',
          user: { id: 'U0BEN' },
          team: { id: 'T0SANDBOX' },
          trigger_id: '1.2.c',
          actions: [{ action_id: 'ask_for_scopes', type: 'button' }],
          [name]: { id: 'x'.repeat(256) },
        }),
      )}`,
      FORM,
    ]),
  ])('refuses a signed body that is no request of Slack’s: %s', async (_what, body, contentType) => {
    expectRefusal(await post(harness, { body, contentType }), 400);
  });

  it('refuses a body that breaks off', async () => {
    const signature = sign(harness.slack.signingSecret, now, EVENT);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(harness.app.port, '127.0.0.1', () => {
        socket.write(
          `POST /slack/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-slack-signature: ${signature}\r\nx-slack-request-timestamp: ${now}\r\ncontent-length: ${EVENT.length + 10}\r\n\r\n${EVENT}`,
          () => socket.destroy(),
        );
      });
      socket.on('close', () => resolve());
      socket.on('error', reject);
    });
  });

  it('answers a certificate check, which is not signed, and reads nothing else of it', async () => {
    for (const body of ['ssl_check=1', 'ssl_check=1&token=invented', 'token=invented&ssl_check=1']) {
      const answer = await post(harness, { body, contentType: FORM, signature: '' });
      expect(answer).toEqual({ status: 200, text: '' });
    }
    const smuggled = await post(harness, {
      body: `ssl_check=1&payload=${encodeURIComponent(EVENT)}`,
      contentType: FORM,
      signature: '',
    });
    expect(smuggled.status).toBe(401);
  });

  it('answers the challenge that proves the address', async () => {
    const answer = await post(harness, { body: '{"type":"url_verification","challenge":"abc"}' });
    expect(answer).toEqual({ status: 200, text: '{"challenge":"abc"}' });
  });

  it.each([
    [
      'the cancellation of a dialog',
      { type: 'dialog_cancellation', user: { id: 'U0BEN' }, callback_id: 'permission_dialog' },
    ],
    [
      'the closing of a modal',
      { type: 'view_closed', user: { id: 'U0BEN' }, team: { id: 'T0SANDBOX' }, view: { callback_id: 'x' } },
    ],
    [
      'an unknown modal',
      {
        type: 'view_submission',
        user: { id: 'U0BEN' },
        team: { id: 'T0SANDBOX' },
        view: { callback_id: 'x' },
      },
    ],
    [
      'an unknown shortcut',
      {
        type: 'shortcut',
        user: { id: 'U0BEN' },
        team: { id: 'T0SANDBOX' },
        callback_id: 'x',
        trigger_id: '1.2.c',
      },
    ],
  ])('acknowledges at once what no listener takes: %s', async (_what, payload) => {
    const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    expect((await post(harness, { body, contentType: FORM })).status).toBe(200);
  });

  it('acknowledges a button of an old message', async () => {
    expect(
      (await postAction(harness, { userId: 'U0BEN', action: { action_id: 'gone', type: 'button' } })).status,
    ).toBe(200);
  });

  it('reads a form whose content type names its charset', async () => {
    const body = `command=%2Fpermissions&text=help&user_id=U0BEN&team_id=T0SANDBOX&trigger_id=1.2.c`;
    const answer = await post(harness, { body, contentType: `${FORM}; charset=utf-8` });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('/permissions request');
  });

  it('asks for a choice where a modal comes with none', async () => {
    const payload = {
      type: 'view_submission',
      user: { id: 'U0BEN' },
      team: { id: 'T0SANDBOX' },
      trigger_id: '1.2.c',
      view: { type: 'modal', callback_id: 'permission_view', state: { values: {} } },
    };
    const answer = await post(harness, {
      body: `payload=${encodeURIComponent(JSON.stringify(payload))}`,
      contentType: FORM,
    });
    expect(JSON.parse(answer.text)).toEqual({
      response_action: 'errors',
      errors: { scopes: 'Choose at least one permission.' },
    });
  });

  it.each([
    ['GET', '/slack/events'],
    ['GET', '/'],
    ['POST', '/elsewhere'],
    ['GET', '//'],
    ['GET', '/%'],
    ['POST', '/./slack/events'],
    ['POST', '//x/slack/events'],
    ['POST', '/slack/events#a'],
    ['POST', 'http://x/slack/events'],
    ['POST', '/slack/../slack/events'],
    ['POST', '/slack/event%73'],
  ])('answers 404 to %s %s', async (method, path) => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(harness.app.port, '127.0.0.1', () =>
        socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
      );
      socket.once('data', (chunk) => resolve(chunk.toString().split('\r\n')[0] ?? ''));
      socket.on('error', reject);
    });
    expect(status).toBe('HTTP/1.1 404 Not Found');
  });
});
