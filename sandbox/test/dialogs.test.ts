import { startWorld, type World } from './support/world';

const DIALOG = {
  callback_id: 'form',
  title: 'Permissions',
  submit_label: 'Ask',
  state: 'kept',
  elements: [
    {
      type: 'select',
      label: 'Scope',
      name: 'scope',
      options: [
        { label: 'Remind', value: 'reminders:write:user' },
        { label: 'Mute', value: 'dnd:write:user' },
      ],
    },
    { type: 'text', label: 'Reason', name: 'reason', max_length: 10, min_length: 3, hint: 'Why?' },
    { type: 'textarea', label: 'Notes', name: 'notes', optional: true },
  ],
};

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const ben = () => world.sandbox.as('U0BEN');

async function open(dialog: object = DIALOG): Promise<void> {
  const trigger_id = await world.freshTrigger();
  const answer = await world.call('dialog.open', { trigger_id, dialog: JSON.stringify(dialog) });
  expect(answer).toMatchObject({ ok: true });
}

function fillIn(): void {
  ben().choose('Scope', ['Mute']);
  ben().type('Reason', 'because');
}

test('dialog.open shows the dialog', async () => {
  await open();

  expect(ben().surface()).toEqual({
    kind: 'dialog',
    title: 'Permissions',
    texts: ['Scope', 'Reason', 'Why?', 'Notes'],
    errors: {},
    fields: ['Scope', 'Reason', 'Notes'],
  });
});

test('a submission carries what was filled in, where the dialog was opened', async () => {
  await open();
  fillIn();

  const { payload } = await ben().submit();

  expect(payload).toEqual({
    type: 'dialog_submission',
    token: 'sandbox-verification-token',
    api_app_id: 'A0SANDBOX',
    team: { id: 'T0SANDBOX', domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: 'U0BEN', username: 'ben', name: 'ben', team_id: 'T0SANDBOX' },
    channel: { id: 'C0GENERAL', name: 'general' },
    action_ts: expect.any(String),
    callback_id: 'form',
    state: 'kept',
    submission: { scope: 'dnd:write:user', reason: 'because', notes: null },
    response_url: expect.stringMatching(new RegExp(`^${world.sandbox.url}/response/`)),
    trigger_id: expect.any(String),
  });
  expect(ben().surface()).toBeUndefined();
});

test('a submission may come without a trigger', async () => {
  await open();
  fillIn();

  const { payload } = await ben().submit({ omitTriggerId: true });

  expect(payload).not.toHaveProperty('trigger_id');
});

test('its trigger is a good one', async () => {
  await open();
  fillIn();
  const { payload } = await ben().submit();

  const args = { scopes: 'chat:write', user: 'U0BEN', trigger_id: payload.trigger_id as string };
  expect(await world.call('apps.permissions.users.request', args)).toMatchObject({ ok: true });
});

test('errors in the answer keep it open', async () => {
  await open();
  fillIn();
  world.app.onRequest(() => ({ body: { errors: [{ name: 'reason', error: 'Say more.' }] } }));

  await ben().submit();
  expect(ben().surface()?.errors).toEqual({ reason: 'Say more.' });

  world.app.onRequest(() => undefined);
  await ben().submit();
  expect(ben().surface()).toBeUndefined();
});

test('no answer keeps it open, too', async () => {
  await open();
  fillIn();
  world.app.onRequest(() => ({ status: 500 }));

  await ben().submit();

  expect(ben().surface()?.errors).toEqual({ '': 'We had some trouble connecting. Try again?' });
});

test.each([
  ['nothing', '', 'Please complete this required field.'],
  ['too little', 'ab', 'Please enter at least 3 characters.'],
  ['too much', 'x'.repeat(11), 'Please enter at most 10 characters.'],
])('%s in a field is not sent', async (_name, text, error) => {
  await open();
  fillIn();
  ben().type('Reason', text);
  const before = world.app.requests.length;

  await expect(ben().submit()).rejects.toThrow('before it is filled in: reason');

  expect(ben().surface()?.errors).toEqual({ reason: error });
  expect(world.app.requests).toHaveLength(before);
});

test('a value that the app gave is there from the start', async () => {
  await open({ ...DIALOG, elements: [{ ...DIALOG.elements[1], value: 'as ever' }] });

  expect((await ben().submit()).payload.submission).toEqual({ reason: 'as ever' });
});

test('options in groups can be chosen', async () => {
  const [select] = DIALOG.elements;
  await open({
    ...DIALOG,
    elements: [
      { ...select, options: undefined, option_groups: [{ label: 'All', options: select?.options }] },
    ],
  });
  ben().choose('Scope', ['Remind']);

  expect((await ben().submit()).payload.submission).toEqual({ scope: 'reminders:write:user' });
});

test('cancelling is told only if the app asked for it', async () => {
  await open();
  expect(await ben().cancel()).toBeUndefined();

  await open({ ...DIALOG, notify_on_cancel: true });
  const delivery = await ben().cancel();

  expect(delivery?.payload).toMatchObject({
    type: 'dialog_cancellation',
    callback_id: 'form',
    state: 'kept',
    user: { id: 'U0BEN' },
    response_url: expect.any(String),
  });
  expect(ben().surface()).toBeUndefined();
});

test('what is not there cannot be filled in; the driver says what is', async () => {
  await open();
  expect(() => ben().type('Colour', 'red')).toThrow(
    'There is no field "Colour" in the dialog; there is "Reason", "Notes".',
  );
  expect(() => ben().choose('Scope', ['Fly'])).toThrow(
    'There is no option "Fly"; there is "Remind", "Mute".',
  );
  expect(() => ben().choose('Scope', ['Mute', 'Remind'])).toThrow('holds one option');
});
