import { startWorld, type World } from './support/world';

const plain = (text: string) => ({ type: 'plain_text', text });
const REASON = {
  type: 'input',
  block_id: 'why',
  label: plain('Reason'),
  element: { type: 'plain_text_input', action_id: 'reason' },
};
const SCOPE = {
  type: 'input',
  block_id: 'what',
  label: plain('Scope'),
  optional: true,
  element: {
    type: 'static_select',
    action_id: 'scope',
    options: [
      { text: plain('Remind'), value: 'reminders:write:user' },
      { text: plain('Mute'), value: 'dnd:write:user' },
    ],
  },
};
const FORM = {
  type: 'modal',
  callback_id: 'form',
  private_metadata: 'meta',
  title: plain('Permissions'),
  submit: plain('Ask'),
  blocks: [{ type: 'section', text: plain('Say why.') }, SCOPE, REASON],
};
const PLAIN = { type: 'modal', title: plain('Second'), blocks: [{ type: 'divider' }] };

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const ben = () => world.sandbox.as('U0BEN');
const lastPayload = () => world.app.requests.at(-1)?.payload as Record<string, never>;

async function open(view: object): Promise<string> {
  const answer = await world.call('views.open', {
    trigger_id: await world.freshTrigger(),
    view: JSON.stringify(view),
  });
  return (answer.view as { id: string }).id;
}

async function fillIn(): Promise<void> {
  ben().choose('Scope', ['Mute']);
  ben().type('Reason', 'because');
}

test('views.open shows the modal to whom the trigger belongs', async () => {
  await open(FORM);

  expect(ben().surface()).toEqual({
    kind: 'modal',
    title: 'Permissions',
    texts: ['Say why.', 'Scope', 'Reason'],
    errors: {},
    fields: ['Scope', 'Reason'],
  });
  expect(world.sandbox.as('U0ADA').surface()).toBeUndefined();
});

test('a submission carries the view with what was filled in, and a fresh trigger', async () => {
  const id = await open(FORM);
  const before = world.app.requests.length;
  await fillIn();

  const delivery = await ben().submit();

  expect(world.app.requests).toHaveLength(before + 1);
  expect(delivery.payload).toEqual({
    type: 'view_submission',
    token: 'sandbox-verification-token',
    api_app_id: 'A0SANDBOX',
    team: { id: 'T0SANDBOX', domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: 'U0BEN', username: 'ben', name: 'ben', team_id: 'T0SANDBOX' },
    trigger_id: expect.any(String),
    response_urls: [],
    view: expect.objectContaining({
      id,
      team_id: 'T0SANDBOX',
      type: 'modal',
      callback_id: 'form',
      private_metadata: 'meta',
      title: plain('Permissions'),
      submit: plain('Ask'),
      close: null,
      hash: expect.any(String),
      root_view_id: id,
      previous_view_id: null,
      app_id: 'A0SANDBOX',
      bot_id: 'B0APP',
      external_id: '',
      clear_on_close: false,
      notify_on_close: false,
      state: {
        values: {
          what: {
            scope: {
              type: 'static_select',
              selected_option: { text: plain('Mute'), value: 'dnd:write:user' },
            },
          },
          why: { reason: { type: 'plain_text_input', value: 'because' } },
        },
      },
    }),
  });
  expect(ben().surface()).toBeUndefined();
  const args = { scopes: 'chat:write', user: 'U0BEN', trigger_id: delivery.payload.trigger_id as string };
  expect(await world.call('apps.permissions.users.request', args)).toMatchObject({ ok: true });
});

test('a modal that is opened with the trigger of a submission is not seen: the answer to it says what is', async () => {
  await open(FORM);
  await fillIn();
  const { payload } = await ben().submit();
  const args = { trigger_id: payload.trigger_id as string, view: JSON.stringify(PLAIN) };

  const answer = await world.call('views.open', args);

  expect(answer).toMatchObject({ ok: true, view: { id: expect.any(String) } });
  expect(ben().surface()).toBeUndefined();
  const update = { view_id: (answer.view as { id: string }).id, view: JSON.stringify(PLAIN) };
  expect(await world.call('views.update', update)).toMatchObject({ ok: false, error: 'not_found' });
});

test('what is not touched holds its initial value, or nothing', async () => {
  const reason = { ...REASON, element: { ...REASON.element, initial_value: 'as ever' } };
  await open({ ...FORM, blocks: [SCOPE, reason] });

  const { payload } = await ben().submit();

  expect(payload).toMatchObject({
    view: {
      state: {
        values: {
          what: { scope: { type: 'static_select', selected_option: null } },
          why: { reason: { type: 'plain_text_input', value: 'as ever' } },
        },
      },
    },
  });
});

test('a required field must be filled in before anything is sent', async () => {
  await open(FORM);
  const before = world.app.requests.length;

  await expect(ben().submit()).rejects.toThrow('before it is filled in: why');

  expect(ben().surface()?.errors).toEqual({ why: 'Please complete this required field.' });
  expect(world.app.requests).toHaveLength(before);
  ben().type('Reason', 'because');
  await ben().submit();
  expect(ben().surface()).toBeUndefined();
});

test('errors in the answer keep the modal open, until it is right', async () => {
  await open(FORM);
  await fillIn();
  world.app.onRequest(() => ({ body: { response_action: 'errors', errors: { why: 'Too short.' } } }));

  await ben().submit();
  expect(ben().surface()?.errors).toEqual({ why: 'Too short.' });

  world.app.onRequest(() => undefined);
  await ben().submit();
  expect(ben().surface()).toBeUndefined();
});

test('an answer may update the view, push another, or clear all', async () => {
  await open(FORM);
  await fillIn();
  const answerWith = (body: object) => world.app.onRequest(() => ({ body }));

  answerWith({ response_action: 'update', view: { ...FORM, title: plain('Again') } });
  await ben().submit();
  expect(ben().surface()).toMatchObject({ title: 'Again', errors: {} });

  answerWith({ response_action: 'push', view: PLAIN });
  await ben().submit();
  expect(ben().surface()?.title).toBe('Second');
  await ben().cancel();
  expect(ben().surface()?.title).toBe('Again');

  await ben().submit();
  answerWith({ response_action: 'clear' });
  await ben().submit();
  expect(ben().surface()).toBeUndefined();
});

test('an empty answer closes the view on top only', async () => {
  await open(FORM);
  await fillIn();
  world.app.onRequest(() => ({ body: { response_action: 'push', view: PLAIN } }));
  await ben().submit();
  world.app.onRequest(() => undefined);

  await ben().submit();

  expect(ben().surface()?.title).toBe('Permissions');
});

test('no answer, an answer that is none, or a view that cannot be shown: the modal says so', async () => {
  await open(FORM);
  await fillIn();
  const trouble = 'We had some trouble connecting. Try again?';

  world.app.onRequest(() => ({ status: 500 }));
  await ben().submit();
  expect(ben().surface()?.errors).toEqual({ '': trouble });

  world.app.onRequest(() => ({ text: 'thanks' }));
  await ben().submit();
  expect(ben().surface()?.errors).toEqual({ '': trouble });

  world.app.onRequest(() => ({ body: { response_action: 'update', view: { type: 'modal', blocks: [] } } }));
  await ben().submit();
  expect(ben().surface()?.errors['']).toContain('missing required field: title');
});

test('closing is told only if the app asked for it', async () => {
  await open(FORM);
  expect(await ben().cancel()).toBeUndefined();
  expect(ben().surface()).toBeUndefined();

  await open({ ...FORM, notify_on_close: true });
  const delivery = await ben().cancel();
  expect(delivery?.payload).toMatchObject({
    type: 'view_closed',
    is_cleared: false,
    user: { id: 'U0BEN' },
    view: { callback_id: 'form' },
  });
  expect(delivery?.payload).not.toHaveProperty('trigger_id');
  await expect(ben().cancel()).rejects.toThrow('There is no modal or dialog');
  await expect(ben().submit()).rejects.toThrow('There is no modal or dialog');
});

test('clear_on_close closes what lies below, too', async () => {
  await open(FORM);
  const args = {
    trigger_id: await world.freshTrigger(),
    view: JSON.stringify({ ...PLAIN, clear_on_close: true }),
  };
  await world.call('views.push', args);

  await ben().cancel();

  expect(ben().surface()).toBeUndefined();
});

test('views.push lays up to three on each other', async () => {
  const push = async () =>
    world.call('views.push', { trigger_id: await world.freshTrigger(), view: JSON.stringify(PLAIN) });
  expect(await push()).toMatchObject({ error: 'view_not_found' });
  const root = await open(FORM);

  expect(await push()).toMatchObject({ ok: true, view: { root_view_id: root, previous_view_id: root } });
  expect(await push()).toMatchObject({ ok: true, view: { root_view_id: root } });
  const trigger_id = await world.freshTrigger();
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    // The refusal does not use the trigger up: the second is refused for the same reason.
    const answer = await world.call('views.push', { trigger_id, view: JSON.stringify(PLAIN) });
    expect(answer).toMatchObject({ error: 'push_limit_reached' });
  }
});

test('views.update changes an open view; what was filled in stays; an old hash is refused', async () => {
  const id = await open({ ...FORM, external_id: 'mine' });
  await fillIn();
  const changed = JSON.stringify({ ...FORM, title: plain('Changed'), external_id: 'mine' });

  const first = await world.call('views.update', { view_id: id, view: changed });
  expect(first).toMatchObject({
    ok: true,
    view: { id, state: { values: { why: { reason: { value: 'because' } } } } },
  });
  expect(ben().surface()?.title).toBe('Changed');
  expect(await world.call('views.update', { external_id: 'mine', view: changed })).toMatchObject({
    ok: true,
  });
  const { hash } = first.view as { hash: string };
  expect(await world.call('views.update', { view_id: id, hash, view: changed })).toMatchObject({
    error: 'hash_conflict',
  });
  expect(await world.call('views.update', { view_id: 'V0NONE', view: changed })).toMatchObject({
    error: 'not_found',
  });
});

test('views.publish sets the home tab, whose buttons can be pressed', async () => {
  const button = { type: 'button', action_id: 'home_button', text: plain('At home') };
  const view = JSON.stringify({ type: 'home', blocks: [{ type: 'actions', elements: [button] }] });

  expect(await world.call('views.publish', { user_id: 'U0BEN', view })).toMatchObject({
    ok: true,
    view: { type: 'home' },
  });
  expect(await world.call('views.publish', { user_id: 'U0X', view })).toMatchObject({
    error: 'user_not_found',
  });
  expect(await world.call('views.publish', { user_id: 'U0BEN', view, hash: 'old' })).toMatchObject({
    error: 'hash_conflict',
  });
  await ben().press('At home');

  expect(lastPayload()).toMatchObject({
    type: 'block_actions',
    view: { type: 'home' },
    actions: [{ action_id: 'home_button' }],
  });
  expect(ben().surface()).toBeUndefined();
});

test('a press in a modal comes with the view and no response_url', async () => {
  const button = { type: 'button', action_id: 'more', text: plain('More') };
  const id = await open({
    ...FORM,
    blocks: [REASON, { type: 'actions', block_id: 'b', elements: [button] }],
  });
  ben().type('Reason', 'half');

  await ben().press('More');

  expect(lastPayload()).toMatchObject({
    container: { type: 'view', view_id: id },
    view: { id, state: { values: { why: { reason: { value: 'half' } } } } },
    actions: [{ action_id: 'more', block_id: 'b' }],
    trigger_id: expect.any(String),
  });
  for (const field of ['response_url', 'channel', 'message']) expect(lastPayload()).not.toHaveProperty(field);
});

test('a choice in an input block waits for the submission, unless it dispatches', async () => {
  await open(FORM);
  const before = world.app.requests.length;
  ben().choose('Scope', ['Mute']);
  await world.sandbox.settled();
  expect(world.app.requests).toHaveLength(before);

  await open({ ...FORM, blocks: [{ ...SCOPE, dispatch_action: true }] });
  const opened = world.app.requests.length;
  ben().choose('Scope', ['Mute']);
  await world.sandbox.settled();
  expect(world.app.requests).toHaveLength(opened + 1);
  expect(lastPayload()).toMatchObject({
    actions: [{ action_id: 'scope', selected_option: { value: 'dnd:write:user' } }],
  });
});

test('a shortcut opens the way without a channel', async () => {
  const { sandbox } = world;

  const delivery = await sandbox.as('U0ADA').runShortcut('request_permissions');

  expect(delivery.payload).toEqual({
    type: 'shortcut',
    token: 'sandbox-verification-token',
    api_app_id: 'A0SANDBOX',
    team: { id: 'T0SANDBOX', domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: 'U0ADA', username: 'ada', name: 'ada', team_id: 'T0SANDBOX' },
    callback_id: 'request_permissions',
    action_ts: expect.any(String),
    trigger_id: expect.any(String),
  });
  const view = JSON.stringify(PLAIN);
  await world.call('views.open', { trigger_id: delivery.payload.trigger_id as string, view });
  expect(sandbox.as('U0ADA').surface()?.title).toBe('Second');
});

test('a shortcut that fails is told', async () => {
  world.app.onRequest(() => 'reset');

  await ben().runShortcut('request_permissions');

  expect(ben().lastMessage()?.text).toBe('We had some trouble connecting. Try again?');
});
