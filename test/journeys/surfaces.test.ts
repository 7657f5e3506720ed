import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { postAction } from '../support/signed-post';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe('every surface that brings a trigger', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.close());

  it('asks at once with the trigger of /permissions request', async () => {
    const { slack, ben } = harness;
    const delivery = await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await harness.settled();

    expect(delivery.status).toBe(200);
    const calls = slack.callsTo('apps.permissions.users.request');
    expect(calls).toHaveLength(1);
    expect(calls[0]!.args).toEqual({
      token: slack.botToken,
      scopes: `${REMIND},${DND}`,
      trigger_id: delivery.payload.trigger_id,
      user: 'U0BEN',
    });
    expect(calls[0]!.contentType).toBe('application/x-www-form-urlencoded');
    expect(ben.prompt()?.scopes).toEqual([REMIND, DND]);
    expect(ben.messages()).toEqual([]);
    expect(await harness.log()).toMatchObject([
      {
        event: 'requested',
        user_id: 'U0BEN',
        team_id: slack.teamId,
        scopes: [REMIND, DND],
        source: 'app',
        trigger_source: 'slash_command',
        error: null,
      },
    ]);
  });

  it('answers /permissions with what was granted, what can be asked and why, and asks by its button', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions');
    const overview = ben.lastMessage();
    expect(overview?.ephemeral).toBe(true);
    expect(overview?.plain).toContain('You have granted nothing yet.');
    expect(overview?.plain).toContain('Pause your notifications');
    expect(overview?.plain).toContain(
      'So that “focus for an hour” can turn on Do Not Disturb for you, and off again.',
    );
    expect(slack.callsTo('apps.permissions.users.request')).toEqual([]);

    ben.choose('Permissions', ['Set reminders for you', 'Pause your notifications']);
    const press = await ben.press('Ask for these');
    await harness.settled();

    expect(slack.callsTo('apps.permissions.users.request')[0]?.args).toMatchObject({
      scopes: `${REMIND},${DND}`,
      trigger_id: press.payload.trigger_id,
      user: 'U0BEN',
    });
    expect(ben.prompt()?.scopes).toEqual([REMIND, DND]);
    expect(await harness.log()).toMatchObject([{ event: 'requested', trigger_source: 'block_action' }]);
  });

  it('says so when the button is pressed with nothing chosen', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions');
    await ben.press('Ask for these');
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain('Choose at least one permission');
    expect(slack.callsTo('apps.permissions.users.request')).toEqual([]);
    expect(await harness.log()).toEqual([]);
  });

  it('asks with the trigger of a dialog submission, and keeps the reason', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions', 'form');
    expect(ben.surface()).toMatchObject({ kind: 'dialog', title: 'Request permissions' });
    ben.choose('Permission', ['Set reminders for you']);
    ben.type('Reason', ' I forget\0 <everything> & more ');
    const submission = await ben.submit();
    await harness.settled();

    expect(ben.surface()).toBeUndefined();
    expect(slack.callsTo('apps.permissions.users.request')[0]?.args.trigger_id).toBe(
      submission.payload.trigger_id,
    );
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
    expect(await harness.log()).toMatchObject([
      { event: 'requested', trigger_source: 'dialog_submission', reason: 'I forget <everything> & more' },
    ]);
  });

  it('offers "Continue" where a dialog submission brings no trigger, and asks with that press', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions', 'form');
    ben.choose('Permission', ['Set reminders for you']);
    await ben.submit({ omitTriggerId: true });
    await harness.settled();

    expect(slack.callsTo('apps.permissions.users.request')).toEqual([]);
    expect(ben.lastMessage()).toMatchObject({ ephemeral: true, buttons: ['Continue'] });
    expect(await harness.log()).toEqual([]);

    const press = await ben.press('Continue');
    await harness.settled();
    expect(slack.callsTo('apps.permissions.users.request')[0]?.args.trigger_id).toBe(
      press.payload.trigger_id,
    );
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
    expect(ben.messages().flatMap((message) => message.buttons)).toEqual([]);
    expect(await harness.log()).toMatchObject([{ event: 'requested', trigger_source: 'block_action' }]);
  });

  it('opens a modal from the shortcut, and asks with the trigger of its submission', async () => {
    const { slack, ben } = harness;
    await ben.runShortcut('request_permissions');
    expect(ben.surface()).toMatchObject({ kind: 'modal', title: 'Request permissions' });

    ben.choose('Permissions', ['Set reminders for you', 'Pause your notifications']);
    ben.type('Reason', 'So that I remember');
    const submission = await ben.submit();
    await harness.settled();

    expect(ben.surface()).toBeUndefined();
    expect(slack.callsTo('apps.permissions.users.request')[0]?.args).toMatchObject({
      scopes: `${REMIND},${DND}`,
      trigger_id: submission.payload.trigger_id,
    });
    expect(ben.prompt()?.scopes).toEqual([REMIND, DND]);
    expect(await harness.log()).toMatchObject([
      { event: 'requested', trigger_source: 'view_submission', reason: 'So that I remember' },
    ]);
  });

  it.each([
    ['form', 'dialog.open', 'trigger_expired'],
    ['shortcut', 'views.open', 'expired_trigger_id'],
  ])('offers "Continue" where the %s does not open', async (surface, method, error) => {
    const { slack, ben } = harness;
    slack.faults.answerNext(method, { body: { ok: false, error } });
    if (surface === 'form') await ben.runCommand('/permissions', 'form');
    else await ben.runShortcut('request_permissions');
    await harness.settled();
    expect(ben.surface()).toBeUndefined();

    await ben.press('Continue');
    await harness.settled();
    expect(ben.surface()?.title).toBe('Request permissions');
  });

  it('says that an admin has to act where Slack refuses to open a form', async () => {
    const { slack, ben, lines } = harness;
    slack.faults.answerNext('dialog.open', { body: { ok: false, error: 'token_revoked' } });
    await ben.runCommand('/permissions', 'form');
    await harness.settled();
    expect(ben.lastMessage()?.buttons).toEqual([]);
    const [, reference] =
      /An admin has to act: tell them the reference `(\w+)`/.exec(ben.lastMessage()?.plain ?? '') ?? [];
    const operator = lines.map((line) => JSON.parse(line)).find((line) => line.reference === reference);
    expect(operator).toMatchObject({
      level: 'error',
      error: 'token_revoked',
      advice: expect.stringContaining('install it again'),
    });
  });

  it('shows a user their grants with /permissions status', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', 'status');
    expect(ben.lastMessage()?.plain).toContain('You have granted nothing.');

    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();
    await ben.runCommand('/permissions', 'status');
    expect(ben.lastMessage()?.plain).toContain(REMIND);
  });

  it('shows the log to admins of the workspace, and to nobody else', async () => {
    const { ada, ben, slack } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    await ada.runCommand('/permissions', 'log');
    await ben.runCommand('/permissions', 'log');
    await harness.settled();

    expect(ada.lastMessage()?.ephemeral).toBe(true);
    expect(ada.lastMessage()?.plain).toMatch(/U0BEN.*requested.*reminders:write:user/s);
    expect(ben.lastMessage()?.plain).toContain('for the admins of this workspace');
    expect(ben.lastMessage()?.plain).not.toContain('requested');
    expect(slack.callsTo('users.info').map((call) => call.args.user)).toEqual(['U0ADA', 'U0BEN']);
  });

  it('keeps the log closed, and says why, where Slack does not say who is an admin', async () => {
    const { ada, slack } = harness;
    slack.faults.answerNext('users.info', { body: { ok: false, error: 'missing_scope' } });
    await ada.runCommand('/permissions', 'log');
    await harness.settled();
    expect(ada.lastMessage()?.plain).toContain('missing_scope');
  });

  it('answers help, and anything else, with what can be typed', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', 'help');
    expect(ben.lastMessage()?.plain).toContain('/permissions request');
    await ben.runCommand('/permissions', 'Abrakadabra <@U0ADA>');
    expect(ben.lastMessage()?.plain).toContain('There is no `abrakadabra` here.');
    expect(ben.lastMessage()?.plain).toContain('/permissions request');
  });

  it('refuses a scope outside the catalog, and asks for none of the others either', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions', `request ${REMIND} admin:write <!channel>`);
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain(
      '`admin:write` and `&lt;!channel&gt;` cannot be asked for here',
    );
    expect(slack.callsTo('apps.permissions.users.request')).toEqual([]);
    expect(await harness.log()).toEqual([]);
  });

  it('does not ask again for what was granted, and says so when nothing is left', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();

    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    expect(slack.callsTo('apps.permissions.users.request').at(-1)?.args.scopes).toBe(DND);
    await ben.allow();
    await harness.settled();

    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await harness.settled();
    expect(slack.callsTo('apps.permissions.users.request')).toHaveLength(2);
    expect(ben.lastMessage()?.plain).toContain('there is nothing left to ask');

    await ben.runCommand('/permissions');
    expect(ben.lastMessage()?.plain).toContain('`dnd:write:user` and `reminders:write:user`');
    expect(ben.lastMessage()?.plain).not.toContain('Pause your notifications');
  });

  it('asks the user who acted, never one named in the text', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions', `request ${REMIND} <@U0ADA>`);
    expect(slack.callsTo('apps.permissions.users.request')).toEqual([]);
    await ben.runCommand('/permissions', `request ${REMIND}`);
    expect(slack.callsTo('apps.permissions.users.request').map((call) => call.args.user)).toEqual(['U0BEN']);
  });

  it('acknowledges what no listener takes', async () => {
    const { slack } = harness;
    const delivery = await slack.sendEvent({ type: 'team_rename', name: 'New' });
    expect(delivery.status).toBe(200);
  });
});

describe('what was pasted into the command', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.close());

  it.each([
    'request `dnd:write:user`',
    'request “dnd:write:user”',
    "'request' 'dnd:write:user'",
    '`/permissions request dnd:write:user`',
    'request \u200fdnd:write:user\u200b',
    '\ufeffｒｅｑｕｅｓｔ\u3000dnd:write:user',
  ])('is read as what it plainly means: %s', async (text) => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions', text);
    await harness.settled();
    expect(slack.callsTo('apps.permissions.users.request').map(({ args }) => args.scopes)).toEqual([DND]);
  });

  it.each([
    `request \`${REMIND}\`, and \`${DND}\``,
    `request ${REMIND}，${DND}`,
    `request 「${REMIND}」、「${DND}」`,
  ])('may be a list: %s', async (text) => {
    const { ben } = harness;
    await ben.runCommand('/permissions', text);
    await harness.settled();
    expect(ben.prompt()?.scopes).toEqual([REMIND, DND]);
  });

  it('may be any other command, in quotes', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', '`status`');
    expect(ben.lastMessage()?.plain).toContain('You have granted nothing.');
    await ben.runCommand('/permissions', '“help”');
    expect(ben.lastMessage()?.plain).not.toContain('There is no');
    await ben.runCommand('/permissions', 'don’t');
    expect(ben.lastMessage()?.plain).toContain('There is no `don’t` here.');
  });
});

/** The operator's line with the reference that somebody was told. */
function findReference(harness: Harness, told = ''): Record<string, unknown> | undefined {
  const [, reference] = /Something went wrong.*the reference `(\w+)`/s.exec(told) ?? [];
  return harness.lines
    .map((line) => JSON.parse(line))
    .find((line) => reference && line.reference === reference);
}

describe('while the PostgreSQL server is away', () => {
  let harness: Harness;
  let away: { bringBack(): Promise<void> };
  beforeAll(async () => {
    harness = await startHarness({}, { database: 'postgres' });
    away = await harness.database.makeUnavailable();
  });
  afterAll(async () => {
    await away.bringBack();
    await harness.close();
  });

  it.each(['', 'status', 'revoke', 'log', 'sync', 'form', `request ${REMIND}`])(
    'answers “/permissions %s” with a reference',
    async (text) => {
      const { ada } = harness;
      const before = ada.messages().length;
      expect(await ada.runCommand('/permissions', text)).toMatchObject({ status: 200 });
      await until(() => ada.messages().length > before);
      expect(findReference(harness, ada.lastMessage()?.plain)).toMatchObject({ user_id: 'U0ADA' });
    },
  );

  it.each(['revoke', 'newer_log_entries', 'ask_for_scopes', 'continue_request', 'open_view'])(
    'answers the button “%s” with a reference',
    async (action_id) => {
      const { ada } = harness;
      const before = ada.messages().length;
      const state = { values: { scopes: { scopes: { selected_options: [{ value: REMIND }] } } } };
      const action = { type: 'button', action_id, value: 'R0123456789AB' };
      const press = await postAction(harness, { userId: 'U0ADA', action, state });
      expect(press.status).toBe(200);
      await until(() => ada.messages().length > before);
      expect(findReference(harness, ada.lastMessage()?.plain)).toMatchObject({ user_id: 'U0ADA' });
    },
  );

  it('answers the shortcut with a reference', async () => {
    const { ben } = harness;
    await ben.runShortcut('request_permissions');
    await until(() => ben.messages().length > 0);
    expect(findReference(harness, ben.lastMessage()?.plain)).toMatchObject({ user_id: 'U0BEN' });
  });
});

describe.each([
  ['404', { status: 404, body: { ok: false, error: 'used_url' } }],
  ['200', { status: 200, body: { ok: false, error: 'used_url' } }],
])('a response_url that is used up, of which Slack says so with %s', (_status, answer) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
    harness.slack.faults.answerAlways('response_url', answer);
  });
  afterEach(() => harness.close());

  it('leaves nobody in silence: the answer comes as a direct message', async () => {
    const { ada } = harness;
    await ada.runCommand('/permissions', 'log');
    await harness.settled();
    expect(ada.lastMessage()).toMatchObject({ ephemeral: false });
    expect(ada.lastMessage()?.plain).toContain('The grant log is empty');
  });

  it('is no reason to leave a press unanswered', async () => {
    const { ben, slack } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();
    await ben.runCommand('/permissions', 'revoke');
    await ben.press('Keep it');
    await harness.settled();
    expect(slack.callsTo('response_url')).toHaveLength(1);
    expect(ben.lastMessage()?.plain).toContain('nothing was changed');
  });
});

describe.each(databases)('while the database is locked, on %s', (database) => {
  let harness: Harness;
  afterEach(() => harness.close());

  it.each(['log', 'sync'])('answers an admin’s “%s” with a reference', async (text) => {
    harness = await startHarness({}, { database });
    const { ada, clock } = harness;
    const lock = await harness.database.lock();
    await ada.runCommand('/permissions', text);
    await until(async () => {
      await clock.advance(100);
      return findReference(harness, ada.lastMessage()?.plain) !== undefined;
    });
    await lock.release();
    expect(findReference(harness, ada.lastMessage()?.plain)).toMatchObject({
      level: 'error',
      msg: 'listener failed',
      user_id: 'U0ADA',
    });
    await ada.runCommand('/permissions', text);
    await harness.settled();
    expect(ada.lastMessage()?.plain).toMatch(/The grant log is empty|^Done: /);
  });
});

describe('ADMIN_USER_IDS', () => {
  let harness: Harness;
  afterEach(() => harness.close());

  it('opens the log to those whom it names, without asking Slack', async () => {
    harness = await startHarness({ ADMIN_USER_IDS: 'U0CLEO, U0OTHER' });
    await harness.cleo.runCommand('/permissions', 'log');
    await harness.settled();
    expect(harness.cleo.lastMessage()?.plain).toContain('The grant log is empty');
    expect(harness.slack.callsTo('users.info')).toEqual([]);
  });
});
