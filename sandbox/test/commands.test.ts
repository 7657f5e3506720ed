import { createHmac } from 'node:crypto';
import { until } from './support/until';
import { startWorld, type World } from './support/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

test('a command is a signed form with all of its fields', async () => {
  const { sandbox, app, clock } = world;

  const delivery = await sandbox.as('U0BEN').runCommand('/permissions', 'request a,b c');

  const { headers, body, form, method } = app.requests[0]!;
  expect(method).toBe('POST');
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  const timestamp = String(Math.floor(clock.now() / 1000));
  expect(headers['x-slack-request-timestamp']).toBe(timestamp);
  const digest = createHmac('sha256', sandbox.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  expect(headers['x-slack-signature']).toBe(`v0=${digest}`);
  expect(form).toEqual({
    token: 'sandbox-verification-token',
    team_id: 'T0SANDBOX',
    team_domain: 'sandbox',
    channel_id: 'C0GENERAL',
    channel_name: 'general',
    user_id: 'U0BEN',
    user_name: 'ben',
    command: '/permissions',
    text: 'request a,b c',
    api_app_id: 'A0SANDBOX',
    is_enterprise_install: 'false',
    response_url: expect.stringMatching(new RegExp(`^${sandbox.url}/response/`)),
    trigger_id: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]{32}$/),
  });
  expect(delivery).toMatchObject({ kind: 'command', body, payload: form, status: 200, attempt: 1 });
  expect(sandbox.deliveries).toEqual([delivery]);
});

test('people and channels in the text are ids, and three characters are escaped, as the manifest asks for', async () => {
  const { sandbox, app } = world;

  await sandbox.as('U0BEN').runCommand('/permissions', 'log @Ada @nobody a@ben.test #general #x a:b <&>');
  await sandbox.as('U0BEN').runCommand('/unknown', '@ada <&>');

  expect(app.requests.map(({ form }) => form.text)).toEqual([
    'log <@U0ADA|ada> @nobody a@ben.test <#C0GENERAL|general> #x a:b &lt;&amp;&gt;',
    '@ada <&>',
  ]);
});

test('a late gesture has an old trigger and an old timestamp, unless the driver says otherwise', async () => {
  const { sandbox, app, clock } = world;
  const ada = sandbox.as('U0ADA');

  await ada.runCommand('/permissions', '', { triggerAgeMs: 2500 });
  await ada.runCommand('/permissions', '', { timestamp: 1234 });
  await ada.runCommand('/permissions', '', { omitTriggerId: true });

  const [late, dated, bare] = app.requests;
  expect(late?.headers['x-slack-request-timestamp']).toBe(String(Math.floor((clock.now() - 2500) / 1000)));
  expect(dated?.headers['x-slack-request-timestamp']).toBe('1234');
  expect(bare?.form).not.toHaveProperty('trigger_id');
});

test('text in the answer is a private message', async () => {
  const { sandbox, app } = world;
  app.onRequest(() => ({ text: 'Only for you.' }));

  await sandbox.as('U0ADA').runCommand('/permissions');

  expect(sandbox.as('U0ADA').lastMessage()).toMatchObject({ plain: 'Only for you.', ephemeral: true });
  expect(sandbox.as('U0BEN').messages()).toEqual([]);
});

test('JSON in the answer is a message for one or for all', async () => {
  const { sandbox, app } = world;
  const section = { type: 'section', text: { type: 'mrkdwn', text: 'In *blocks*' } };
  app.onRequest(() => ({ body: { text: 'fallback', blocks: [section] } }));
  await sandbox.as('U0ADA').runCommand('/permissions');
  app.onRequest(() => ({ body: { response_type: 'in_channel', text: 'For all.' } }));
  await sandbox.as('U0ADA').runCommand('/permissions');

  const [own, shared] = sandbox.as('U0ADA').messages();
  expect(own).toMatchObject({ text: 'fallback', plain: 'In *blocks*', ephemeral: true });
  expect(shared).toMatchObject({ text: 'For all.', ephemeral: false, channel: 'C0GENERAL' });
  expect(
    sandbox
      .as('U0CLEO')
      .messages()
      .map((message) => message.text),
  ).toEqual(['For all.']);
});

test('an empty answer only acknowledges', async () => {
  await world.sandbox.as('U0ADA').runCommand('/permissions');

  expect(world.sandbox.as('U0ADA').messages()).toEqual([]);
});

test('an answer that Slack cannot show fails the command', async () => {
  const { sandbox, app } = world;
  app.onRequest(() => ({ body: { blocks: [{ type: 'nonsense' }] } }));

  await sandbox.as('U0ADA').runCommand('/permissions');

  expect(sandbox.as('U0ADA').lastMessage()?.text).toBe(
    '/permissions failed with the error "invalid_command_response"',
  );
});

test('no answer within 3 seconds: the person is told by Slackbot, and the command is not sent again', async () => {
  const { sandbox, app, clock } = world;
  app.onRequest(() => 'hang');

  const running = sandbox.as('U0ADA').runCommand('/permissions');
  await until(() => app.requests.length > 0);
  await clock.advance(2999);
  expect(sandbox.as('U0ADA').messages()).toEqual([]);
  await clock.advance(1);

  expect(await running).toMatchObject({ status: undefined, error: 'http_timeout', durationMs: 3000 });
  expect(sandbox.as('U0ADA').lastMessage()).toMatchObject({
    text: '/permissions failed with the error "operation_timeout"',
    ephemeral: true,
  });
  expect(app.requests).toHaveLength(1);
});

test.each([
  ['a status that is not 2xx', { status: 500 }, 'http_error'],
  ['a broken connection', 'reset' as const, 'connection_failed'],
])('%s: dispatch_failed', async (_name, answer, error) => {
  const { sandbox, app } = world;
  app.onRequest(() => answer);

  const delivery = await sandbox.as('U0ADA').runCommand('/permissions');

  expect(delivery.error).toBe(error);
  expect(sandbox.as('U0ADA').lastMessage()?.text).toBe(
    '/permissions failed with the error "dispatch_failed"',
  );
  expect(app.requests).toHaveLength(1);
});

test('without an address of the app the driver says what to do', async () => {
  const bare = await startWorld({ requestUrl: '' });

  await expect(bare.sandbox.as('U0ADA').runCommand('/permissions')).rejects.toThrow('setRequestUrl(url)');
  bare.sandbox.setRequestUrl(bare.app.url);
  expect((await bare.sandbox.as('U0ADA').runCommand('/permissions')).status).toBe(200);

  await bare.close();
});

test('only the people of the workspace can be acted for', () => {
  expect(() => world.sandbox.as('U0NOBODY')).toThrow('U0ADA, U0BEN, U0CLEO');
  expect(() => world.sandbox.as('U0APP')).toThrow('There is no person U0APP');
});
