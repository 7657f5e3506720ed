import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness, transports } from '../support/harness';
import { ask, consent, install, openConsent } from '../support/oauth';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const OPTIONAL = { optionalScopes: ['dnd:write'] };

describe.each(transports)('asking over OAuth, by %s', (transport) => {
  describe.each(eitherDatabase)('on %s', (database) => {
    let harness: Harness;
    beforeEach(async () => {
      harness = await startHarness({}, { database, transport, oauth: true, sandbox: OPTIONAL });
    });
    afterEach(() => harness.close());

    it('shows what is asked and why, and records what the user allows in Slack', async () => {
      const { ben, slack } = harness;
      await ask(harness, ben, `${REMIND},${DND}`);
      expect(ben.surface()?.texts.join('\n')).toContain('Set reminders for you');
      const page = await openConsent(ben);
      expect(page.authorize?.scopes.map(({ scope }) => scope)).toEqual(['reminders:write', 'dnd:write']);
      const done = await page.allow();
      await harness.settled();
      expect(done.status).toBe(200);
      expect(done.text).toContain('You granted');
      expect(slack.granted('U0BEN')).toEqual(['dnd:write', 'reminders:write']);
      expect(await harness.events()).toEqual([`requested ${REMIND},${DND}`, `granted ${REMIND},${DND}`]);
      expect((await harness.log()).at(-1)).toMatchObject({
        source: 'oauth',
        trigger_source: 'slash_command',
      });
      expect(ben.surface()?.texts.join()).toContain('Done: you granted');
      expect(ben.lastMessage()?.plain).toContain('Noted: you granted');
    });

    it('turns the form of the shortcut into the question, by the answer to its submission', async () => {
      const { ben, slack } = harness;
      await ben.runShortcut('request_permissions');
      ben.choose('Permissions', ['Set reminders for you']);
      ben.type('Reason', 'I forget');
      const submission = await ben.submit();
      await harness.settled();
      expect(JSON.parse(submission.responseBody)).toMatchObject({ response_action: 'update' });
      // The form was opened; with the trigger of its submission nothing more is.
      expect(slack.callsTo('views.open')).toHaveLength(1);
      expect(ben.surface()).toMatchObject({ kind: 'modal', title: 'Grant permissions' });
      expect(ben.surface()?.texts.join('\n')).toContain('Set reminders for you');
      expect(ben.messages()).toEqual([]);

      await (await openConsent(ben)).allow();
      await harness.settled();
      expect(await harness.events()).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);
      expect((await harness.log()).at(0)).toMatchObject({
        trigger_source: 'view_submission',
        reason: 'I forget',
      });
      expect(ben.surface()?.texts.join()).toContain('Done: you granted');
    });

    it('takes "Not now" for an answer: the link leads nowhere afterwards', async () => {
      const { ben, slack } = harness;
      await ask(harness, ben, REMIND);
      const page = await openConsent(ben);
      await ben.press('Not now');
      await harness.settled();
      expect(ben.surface()?.texts.join()).toContain('You did not grant');
      expect(await harness.events()).toEqual([`requested ${REMIND}`, `denied ${REMIND}`]);

      const late = await page.allow();
      expect(late).toMatchObject({ status: 400, text: expect.stringContaining('answered already') });
      await harness.settled();
      expect(slack.granted('U0BEN')).toEqual([]);
      expect(await harness.log()).toHaveLength(2);
    });

    it('takes everything back with /permissions revoke, once it is confirmed', async () => {
      const { ben, slack } = harness;
      await consent(harness, ben, `${REMIND},${DND}`);
      await harness.clock.advance(5_000);
      await ben.runCommand('/permissions', 'revoke');
      expect(slack.callsTo('auth.revoke')).toEqual([]);
      expect(ben.lastMessage()).toMatchObject({ ephemeral: true, buttons: ['Take it back', 'Keep it'] });
      await ben.press('Take it back');
      await harness.settled();

      const [token] = slack.userTokens();
      expect(slack.callsTo('auth.revoke').map(({ args }) => args.token)).toEqual([token?.value]);
      expect(slack.granted('U0BEN')).toEqual([]);
      expect(await harness.grants()).toEqual([]);
      expect((await harness.log()).slice(2)).toMatchObject([
        { event: 'removed', user_id: 'U0BEN', scopes: [DND, REMIND], source: 'oauth', error: null },
      ]);
      expect(ben.messages().map(({ plain }) => plain)).toEqual([
        expect.stringContaining('Noted: you granted'),
        expect.stringMatching(/^Done: .* no longer stand/),
        expect.stringContaining('Noted: you took back'),
      ]);
      expect(await harness.database.run('select 1 from user_tokens')).toEqual([]);

      await ben.runCommand('/permissions', 'revoke');
      expect(ben.lastMessage()?.plain).toContain('there is nothing to take back');
    });
  });
});

describe('what the user is led to', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { oauth: true, sandbox: OPTIONAL });
  });
  afterEach(() => harness.close());

  it('is this workspace’s consent page for what is missing, and for what is held, so that none of it is lost', async () => {
    const { ben, slack } = harness;
    await consent(harness, ben, REMIND);
    await ask(harness, ben, `${REMIND},${DND}`);
    expect(ben.surface()?.texts.join()).toContain('Pause your notifications');
    expect(ben.surface()?.texts.join()).not.toContain('Set reminders');

    const url = new URL(ben.link('Allow in Slack'));
    const { state, ...query } = Object.fromEntries(url.searchParams);
    expect(url.origin + url.pathname).toBe(slack.authorizeUrl);
    expect(query).toEqual({
      client_id: slack.clientId,
      user_scope: 'dnd:write,reminders:write',
      team: slack.teamId,
    });
    expect(state?.length).toBeGreaterThanOrEqual(43);
    await (await openConsent(ben)).allow();
    await harness.settled();
    expect(await harness.events()).toEqual([
      `requested ${REMIND}`,
      `granted ${REMIND}`,
      `requested ${DND}`,
      `granted ${DND}`,
    ]);
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([DND, REMIND]);
  });

  it('names PUBLIC_URL as the way back, in the link and when the code is exchanged', async () => {
    const { environment, ben, slack } = harness;
    environment.PORT = String(harness.app.port);
    environment.PUBLIC_URL = harness.url('/');
    await harness.restart();
    await consent(harness, ben, REMIND);
    const back = harness.url('/slack/oauth_redirect');
    expect(slack.callsTo('oauth.v2.access')[0]?.args.redirect_uri).toBe(back);
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);
  });

  it('is offered by OAuth’s own names as well, and recorded by the catalog’s', async () => {
    const { ben } = harness;
    await ask(harness, ben, 'reminders:writ');
    expect(ben.lastMessage()?.plain).toContain('cannot be asked for here');
    await consent(harness, ben, `reminders:write ${REMIND}`);
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);
    await ask(harness, ben, 'reminders:write');
    expect(ben.lastMessage()?.plain).toContain('there is nothing left to ask');
  });

  it('may be granted in part: what was left out is denied', async () => {
    const { ben } = harness;
    const page = await consent(harness, ben, `${REMIND},${DND}`, { untick: ['dnd:write'] });
    expect(page.text).toMatch(
      /Granted in part\s.*You granted reminders:write:user.*did not grant dnd:write:user/s,
    );
    expect(await harness.events()).toEqual([
      `requested ${REMIND},${DND}`,
      `granted ${REMIND}`,
      `denied ${DND}`,
    ]);
    expect((await harness.log()).map(({ error }) => error)).toEqual([null, null, 'not_granted']);
    expect(await harness.database.run('select state from permission_requests')).toEqual([
      { state: 'partly_granted' },
    ]);
    expect(ben.surface()?.texts.join()).toContain(`and did not grant \`${DND}\``);
    expect(ben.lastMessage()?.plain).toContain('or your workspace does not allow it yet');
  });

  it('may bring no token, where all that was asked is optional: it was left out, and by whom nobody knows', async () => {
    const { ben, slack } = harness;
    const page = await consent(harness, ben, DND, { untick: ['dnd:write'] });
    expect(JSON.stringify(slack.callsTo('oauth.v2.access')[0]?.answer)).not.toContain('access_token');
    expect(page).toMatchObject({
      status: 200,
      text: expect.stringContaining('your workspace does not allow'),
    });
    expect((await harness.log()).slice(1)).toMatchObject([
      { event: 'denied', scopes: [DND], error: 'not_granted', source: 'oauth' },
    ]);
    expect(await harness.database.run('select 1 from user_tokens')).toEqual([]);
    expect(ben.surface()?.texts.join()).toContain('your workspace does not allow it yet');
    expect(ben.lastMessage()?.plain).toContain('your workspace does not allow it yet');
  });

  it('brings more than was asked: that is logged as such, told to the user, and shown to admins', async () => {
    const { ada, ben, slack } = harness;
    slack.grantDirectly('U0BEN', ['files:write']);
    await consent(harness, ben, REMIND);
    expect((await harness.log()).slice(1)).toMatchObject([
      { event: 'granted', scopes: [REMIND], error: null, request_id: expect.any(String) },
      {
        event: 'granted',
        scopes: ['files:write'],
        error: 'not_requested',
        request_id: null,
        source: 'oauth',
      },
    ]);
    expect(ben.messages().map(({ plain }) => plain)).toEqual([
      expect.stringContaining(`Noted: you granted \`${REMIND}\``),
      expect.stringContaining('Slack also gave this app `files:write`, which it had not asked you for'),
    ]);
    await ada.runCommand('/permissions', 'log');
    await harness.settled();
    expect(ada.lastMessage()?.plain).toMatch(/granted\W+files:write\W+not_requested/);

    await consent(harness, ben, DND);
    expect((await harness.events()).slice(3)).toEqual([`requested ${DND}`, `granted ${DND}`]);
  });

  it('brings what another request asks for that is still open: its own answer says so', async () => {
    const { ben, slack } = harness;
    await ask(harness, ben, REMIND);
    const first = ben.link('Allow in Slack');
    // As if its answer were on the way.
    slack.grantDirectly('U0BEN', ['reminders:write']);
    await ben.cancel();
    await consent(harness, ben, DND);
    await (await ben.browser.open(first)).allow();
    await harness.settled();
    expect((await harness.log()).slice(2)).toMatchObject([
      { event: 'granted', scopes: [DND], error: null },
      { event: 'granted', scopes: [REMIND], error: null },
    ]);
  });

  it('may be refused by Slack, which does not say who said no: it came to nothing, and is no denial', async () => {
    const { ben } = harness;
    await ask(harness, ben, REMIND);
    const page = await (await openConsent(ben)).deny({ bySlack: true });
    await harness.settled();
    expect(page).toMatchObject({
      status: 200,
      text: expect.stringMatching(
        /You said no, or your workspace does not allow this app yet.*ask an admin/s,
      ),
    });
    expect((await harness.log()).slice(1)).toMatchObject([
      { event: 'failed', scopes: [REMIND], error: 'access_denied', source: 'oauth' },
    ]);
    expect(ben.surface()?.texts.join()).toContain(
      'you said no, or your workspace does not allow this app yet',
    );
    expect(ben.messages()).toEqual([]);
  });

  it('may be denied there', async () => {
    const { ben, slack } = harness;
    await ask(harness, ben, REMIND);
    const page = await (await openConsent(ben)).deny();
    await harness.settled();
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You did not grant') });
    expect(slack.callsTo('oauth.v2.access')).toEqual([]);
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `denied ${REMIND}`]);
    expect(ben.surface()?.texts.join()).toContain('You did not grant');
    expect(ben.lastMessage()?.plain).toContain('Noted: you did not grant');
  });

  it('names no workspace where the app is installed in the whole organisation: it is that user’s own', async () => {
    await harness.close();
    const sandbox = { ...OPTIONAL, isEnterprise: true, isInstalled: false };
    harness = await startHarness({}, { oauth: true, sandbox });
    const { ada, ben, slack } = harness;
    await install(harness, ada, { orgWide: true });
    slack.faults.answerNext('oauth.v2.access', {
      body: {
        ok: true,
        team: null,
        enterprise: { id: 'E0SANDBOX' },
        is_enterprise_install: true,
        authed_user: {
          id: 'U0BEN',
          scope: 'dnd:write',
          access_token: 'xoxp-invented',
          token_type: 'user',
        },
      },
    });
    const page = await consent(harness, ben, DND);
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('You granted') });
    expect(await harness.events()).toEqual([`requested ${DND}`, `granted ${DND}`]);
    expect(await harness.database.run('select team_id, user_id from user_tokens')).toEqual([
      { team_id: 'T0SANDBOX', user_id: 'U0BEN' },
    ]);
    expect(slack.callsTo('auth.revoke')).toEqual([]);
  });

  it('may be left alone until it counts as unanswered, and be answered after that', async () => {
    harness.environment.REQUEST_TTL_MINUTES = '5';
    await harness.restart();
    const { ben, clock } = harness;
    await ask(harness, ben, REMIND);
    await clock.advance(5 * 60_000 + 2_000, 60_000);
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `unanswered ${REMIND}`]);
    const page = await (await openConsent(ben)).allow();
    await harness.settled();
    expect(page.status).toBe(200);
    expect((await harness.events()).at(-1)).toBe(`granted ${REMIND}`);
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
  });

  it('is told by message where the modal was closed', async () => {
    const { ben } = harness;
    await ask(harness, ben, REMIND);
    const page = await openConsent(ben);
    await ben.cancel();
    expect((await page.allow()).status).toBe(200);
    await harness.settled();
    expect(ben.surface()).toBeUndefined();
    expect(ben.lastMessage()?.plain).toContain('Noted: you granted');
  });

  it('is a "Continue" by message where the form was submitted too late, and closed', async () => {
    const { ben, slack } = harness;
    await ben.runShortcut('request_permissions');
    ben.choose('Permissions', ['Set reminders for you']);
    await ben.submit({ triggerAgeMs: 3_000 });
    await harness.settled();
    expect(ben.surface()).toBeUndefined();
    await ben.press('Continue');
    await harness.settled();
    expect(slack.callsTo('views.open')).toHaveLength(2);
    await ben.press('Not now');
    await harness.settled();
    expect(await harness.events()).toEqual([`failed ${REMIND}`, `requested ${REMIND}`, `denied ${REMIND}`]);
  });

  it('is a "Continue" first where the gesture came too late', async () => {
    const { ben, slack } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`, { triggerAgeMs: 3_000 });
    await harness.settled();
    expect(slack.callsTo('views.open')).toEqual([]);
    await ben.press('Continue');
    await harness.settled();
    await (await openConsent(ben)).allow();
    await harness.settled();
    expect(await harness.events()).toEqual([`failed ${REMIND}`, `requested ${REMIND}`, `granted ${REMIND}`]);
  });

  describe('from every surface', () => {
    const finish = async () => {
      await harness.settled();
      expect(harness.ben.surface()?.title).toBe('Grant permissions');
      await (await openConsent(harness.ben)).allow();
      await harness.settled();
    };

    it('the button of /permissions', async () => {
      const { ben } = harness;
      await ben.runCommand('/permissions');
      ben.choose('Permissions', ['Set reminders for you']);
      await ben.press('Ask for these');
      await finish();
      expect((await harness.log()).at(-1)).toMatchObject({
        event: 'granted',
        trigger_source: 'block_action',
      });
    });

    it.each([
      ['with its trigger', false],
      ['without one', true],
    ])('the dialog, %s', async (_how, omitTriggerId) => {
      const { ben } = harness;
      await ben.runCommand('/permissions', 'form');
      ben.choose('Permission', ['Set reminders for you']);
      ben.type('Reason', 'I forget');
      await ben.submit({ omitTriggerId });
      if (omitTriggerId) {
        await harness.settled();
        await ben.press('Continue');
      }
      await finish();
      expect((await harness.log()).at(-1)).toMatchObject({
        event: 'granted',
        trigger_source: omitTriggerId ? 'block_action' : 'dialog_submission',
        reason: 'I forget',
      });
    });

    it('the modal of the shortcut', async () => {
      const { ben } = harness;
      await ben.runShortcut('request_permissions');
      ben.choose('Permissions', ['Set reminders for you', 'Pause your notifications']);
      await ben.submit();
      await finish();
      expect((await harness.log()).at(-1)).toMatchObject({
        event: 'granted',
        scopes: [REMIND, DND],
        trigger_source: 'view_submission',
      });
    });
  });
});
