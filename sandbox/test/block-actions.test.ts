import { startWorld, type World } from './support/world';

const plain = (text: string) => ({ type: 'plain_text', text });
const option = (text: string) => ({ text: plain(text), value: text.toLowerCase() });
const BLOCKS = [
  {
    type: 'section',
    block_id: 'pick',
    text: { type: 'mrkdwn', text: 'What may I do?' },
    accessory: {
      type: 'multi_static_select',
      action_id: 'scopes',
      placeholder: plain('Scopes'),
      options: [option('Remind'), option('Mute')],
    },
  },
  {
    type: 'actions',
    block_id: 'go',
    elements: [
      { type: 'button', action_id: 'ask', text: plain('Ask'), value: 'now', style: 'primary' },
      { type: 'button', text: plain('Later') },
    ],
  },
];

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const post = (method: string, args: Record<string, string>) =>
  world.call(method, { text: 'fallback', blocks: JSON.stringify(BLOCKS), ...args });

test('a press brings a complete payload with a fresh trigger', async () => {
  const { sandbox, app } = world;
  const { ts } = await post('chat.postMessage', { channel: 'D0BEN' });

  const delivery = await sandbox.as('U0BEN').press('Ask');

  const { payload, headers } = app.requests[0]!;
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(headers['x-slack-signature']).toMatch(/^v0=[0-9a-f]{64}$/);
  expect(payload).toEqual({
    type: 'block_actions',
    token: 'sandbox-verification-token',
    api_app_id: 'A0SANDBOX',
    team: { id: 'T0SANDBOX', domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: 'U0BEN', username: 'ben', name: 'ben', team_id: 'T0SANDBOX' },
    container: { type: 'message', message_ts: ts, channel_id: 'D0BEN', is_ephemeral: false },
    channel: { id: 'D0BEN', name: 'directmessage' },
    message: expect.objectContaining({ ts, text: 'fallback', bot_id: 'B0APP', blocks: expect.any(Array) }),
    state: { values: { pick: { scopes: { type: 'multi_static_select', selected_options: [] } } } },
    response_url: expect.stringMatching(new RegExp(`^${sandbox.url}/response/`)),
    trigger_id: expect.any(String),
    actions: [
      {
        type: 'button',
        action_id: 'ask',
        block_id: 'go',
        text: plain('Ask'),
        value: 'now',
        style: 'primary',
        action_ts: expect.stringMatching(/^\d+\.\d{6}$/),
      },
    ],
  });
  expect(delivery).toMatchObject({ kind: 'interaction', payload, status: 200 });
  const args = { scopes: 'chat:write', user: 'U0BEN', trigger_id: payload.trigger_id as string };
  expect(await world.call('apps.permissions.users.request', args)).toMatchObject({ ok: true });
});

test('a press in an ephemeral message comes without the message', async () => {
  const { sandbox, app } = world;
  await post('chat.postEphemeral', { channel: 'C0GENERAL', user: 'U0BEN' });

  await sandbox.as('U0BEN').press('Ask');

  expect(app.requests[0]?.payload).not.toHaveProperty('message');
  expect(app.requests[0]?.payload).toMatchObject({
    container: { is_ephemeral: true, channel_id: 'C0GENERAL' },
    channel: { id: 'C0GENERAL', name: 'general' },
  });
});

test('gesture options hold for a press', async () => {
  const { sandbox, app, clock } = world;
  await post('chat.postMessage', { channel: 'D0BEN' });

  await sandbox.as('U0BEN').press('Ask', { triggerAgeMs: 2000, omitTriggerId: true });

  const { payload, headers } = app.requests[0]!;
  expect(payload).not.toHaveProperty('trigger_id');
  expect(headers['x-slack-request-timestamp']).toBe(String(Math.floor((clock.now() - 2000) / 1000)));
});

test('elements and blocks without ids get some, and keep them', async () => {
  const { sandbox, app } = world;
  const elements = [{ type: 'button', text: plain('Bare') }];
  await post('chat.postMessage', {
    channel: 'D0BEN',
    blocks: JSON.stringify([{ type: 'actions', elements }]),
  });

  await sandbox.as('U0BEN').press('Bare');
  await sandbox.as('U0BEN').press('Bare');

  const actions = app.requests.map(({ payload }) => payload.actions as Record<string, string>[]);
  expect(actions[0]).toMatchObject([
    { action_id: expect.stringMatching(/.+/), block_id: expect.stringMatching(/.+/) },
  ]);
  const [first, second] = actions.map(([action]) => [action?.action_id, action?.block_id]);
  expect(second).toEqual(first);
});

test('a choice is told at once, and comes along with the next press', async () => {
  const { sandbox, app } = world;
  await post('chat.postMessage', { channel: 'D0BEN' });
  const ben = sandbox.as('U0BEN');

  ben.choose('Scopes', ['Mute', 'Remind']);
  await ben.press('Ask');

  const state = { type: 'multi_static_select', selected_options: [option('Mute'), option('Remind')] };
  const [choice, press] = app.requests.map((request) => request.payload);
  expect(choice).toMatchObject({
    type: 'block_actions',
    state: { values: { pick: { scopes: state } } },
    actions: [{ ...state, action_id: 'scopes', block_id: 'pick', placeholder: plain('Scopes') }],
  });
  expect(press).toMatchObject({
    actions: [{ action_id: 'ask' }],
    state: { values: { pick: { scopes: state } } },
  });
});

test('a select can be named by the text beside it, and be emptied', async () => {
  const { sandbox, app } = world;
  await post('chat.postMessage', { channel: 'D0BEN' });
  const ben = sandbox.as('U0BEN');

  ben.choose('What may I do?', ['Mute']);
  ben.choose('Scopes', []);
  await ben.press('Ask');

  expect(app.requests.at(-1)?.payload).toMatchObject({
    state: { values: { pick: { scopes: { selected_options: [] } } } },
  });
});

test('what one person chose is not what another holds', async () => {
  const { sandbox, app } = world;
  await post('chat.postMessage', { channel: 'C0GENERAL' });

  sandbox.as('U0BEN').choose('Scopes', ['Mute']);
  await sandbox.as('U0CLEO').press('Ask');

  expect(app.requests.at(-1)?.payload).toMatchObject({
    user: { id: 'U0CLEO' },
    state: { values: { pick: { scopes: { selected_options: [] } } } },
  });
});

test('the newest button with that text is pressed', async () => {
  const { sandbox, app } = world;
  await post('chat.postMessage', { channel: 'D0BEN' });
  const { ts } = await post('chat.postMessage', { channel: 'D0BEN' });

  await sandbox.as('U0BEN').press('Ask');

  expect(app.requests[0]?.payload).toMatchObject({ container: { message_ts: ts } });
});

test('what is not there cannot be pressed or chosen; the driver says what is', async () => {
  const ben = world.sandbox.as('U0BEN');
  await expect(ben.press('Ask')).rejects.toThrow('There is no button "Ask"; there is none.');
  await post('chat.postMessage', { channel: 'D0BEN' });
  await expect(ben.press('Go')).rejects.toThrow('There is no button "Go"; there is "Ask", "Later".');
  expect(() => ben.choose('Colour', ['Red'])).toThrow(
    'There is no select "Colour"; there is "What may I do?".',
  );
  expect(() => ben.choose('Scopes', ['Fly'])).toThrow(
    'There is no option "Fly"; there are "Remind", "Mute".',
  );
  await expect(world.sandbox.as('U0CLEO').press('Ask')).rejects.toThrow('there is none');
  expect(world.app.requests).toEqual([]);
});

test('when the app does not answer, the person is told', async () => {
  const { sandbox, app } = world;
  await post('chat.postMessage', { channel: 'D0BEN' });
  app.onRequest(() => ({ status: 500 }));

  const delivery = await sandbox.as('U0BEN').press('Ask');

  expect(delivery).toMatchObject({ status: 500, error: 'http_error' });
  expect(sandbox.as('U0BEN').lastMessage()).toMatchObject({
    ephemeral: true,
    text: 'We had some trouble connecting. Try again?',
  });
  expect(app.requests).toHaveLength(1);
});

test('a message is seen with its texts and buttons', async () => {
  await post('chat.postMessage', { channel: 'D0BEN' });

  expect(world.sandbox.as('U0BEN').lastMessage()).toMatchObject({
    text: 'fallback',
    plain: 'What may I do?\nScopes\nAsk\nLater',
    buttons: ['Ask', 'Later'],
  });
});

test('all kinds of blocks can be read', async () => {
  const blocks = [
    { type: 'header', text: plain('Header') },
    { type: 'section', fields: [plain('Field 1'), plain('Field 2')] },
    { type: 'context', elements: [plain('Context'), { type: 'image', alt_text: 'Picture', image_url: 'x' }] },
    { type: 'divider' },
    { type: 'image', alt_text: 'Alt', title: plain('Image'), image_url: 'x' },
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'Hi ' },
            { type: 'user', user_id: 'U0BEN' },
          ],
        },
      ],
    },
    { type: 'markdown', text: '**Mark**' },
    {
      type: 'input',
      label: plain('Label'),
      hint: plain('Hint'),
      element: { type: 'radio_buttons', options: [option('One'), option('Two')] },
    },
    {
      type: 'section',
      text: plain('Chosen:'),
      accessory: { type: 'static_select', initial_option: option('Two'), options: [option('Two')] },
    },
  ];
  await world.call('chat.postMessage', { channel: 'D0BEN', blocks: JSON.stringify(blocks) });

  expect(world.sandbox.as('U0BEN').lastMessage()?.plain.split('\n')).toEqual([
    'Header',
    'Field 1',
    'Field 2',
    'Context',
    'Picture',
    'Image',
    'Hi <@U0BEN>',
    '**Mark**',
    'Label',
    'One',
    'Two',
    'Hint',
    'Chosen:',
    'Two',
  ]);
});
