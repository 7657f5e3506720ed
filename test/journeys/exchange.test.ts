import type { Answer } from '../../sandbox/types';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { postAction } from '../support/signed-post';
import { until } from '../support/until';

const METHOD = 'apps.permissions.users.request';
const REMIND = 'reminders:write:user';
const ASK = `request ${REMIND}`;

describe('the exchange, inside the three seconds', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.close());

  /** What the last log entry says, and nothing but it. */
  async function soleEntry() {
    const entries = await harness.log();
    expect(entries).toHaveLength(1);
    return entries[0]!;
  }

  describe('endings that a fresh trigger can mend', () => {
    it.each<[string, Answer]>([
      ['invalid_trigger', { body: { ok: false, error: 'invalid_trigger' } }],
      ['invalid_trigger_id', { body: { ok: false, error: 'invalid_trigger_id' } }],
      ['expired_trigger_id', { body: { ok: false, error: 'expired_trigger_id' } }],
      ['invalid_response', { text: '<html>Sorry</html>' }],
      ['invalid_response', { body: null }],
      ['trigger_expired', { body: { ok: false, error: 'trigger_expired' } }],
      ['trigger_exchanged', { body: { ok: false, error: 'trigger_exchanged' } }],
      ['exchanged_trigger_id', { body: { ok: false, error: 'exchanged_trigger_id' } }],
      ['network_error', { reset: true as const }],
      ['http_500', { status: 500, text: 'oops' }],
      ...['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable'].map(
        (error): [string, Answer] => [error, { body: { ok: false, error } }],
      ),
      ['http_503', { status: 503, text: '<html>' }],
    ])('%s: one sentence, and a "Continue" with which the same request goes on', async (error, answer) => {
      const { slack, ben } = harness;
      slack.faults.answerNext(METHOD, answer);
      await ben.runCommand('/permissions', ASK);
      await harness.settled();

      expect(slack.callsTo(METHOD)).toHaveLength(1);
      const failed = await soleEntry();
      expect(failed).toMatchObject({ event: 'failed', error, user_id: 'U0BEN', scopes: [REMIND] });
      expect(ben.lastMessage()).toMatchObject({ ephemeral: true, buttons: ['Continue'] });

      const press = await ben.press('Continue');
      await harness.settled();
      const triggers = slack.callsTo(METHOD).map((call) => call.args.trigger_id);
      expect(triggers).toHaveLength(2);
      expect(triggers[1]).toBe(press.payload.trigger_id);
      expect(triggers[1]).not.toBe(triggers[0]);
      expect(ben.prompt()?.scopes).toEqual([REMIND]);
      expect(ben.messages()).toEqual([]);
      expect(await harness.log()).toMatchObject([
        { event: 'failed', request_id: failed.request_id },
        { event: 'requested', request_id: failed.request_id, trigger_source: 'block_action' },
      ]);
    });

    it('fails again with a new sentence in the place of the old one', async () => {
      const { slack, ben } = harness;
      slack.faults.answerNext(METHOD, { status: 503, text: '' }, 2);
      await ben.runCommand('/permissions', ASK);
      await harness.settled();
      await ben.press('Continue');
      await harness.settled();
      expect(ben.messages()).toHaveLength(1);
      expect(ben.lastMessage()?.buttons).toEqual(['Continue']);
      expect(await harness.events()).toEqual([`failed ${REMIND}`, `failed ${REMIND}`]);
    });
  });

  describe('time', () => {
    it('makes no call with too little time left, and offers "Continue"', async () => {
      const { slack, ben } = harness;
      await ben.runCommand('/permissions', ASK, { triggerAgeMs: 2_900 });
      await harness.settled();
      expect(slack.callsTo(METHOD)).toEqual([]);
      expect(await soleEntry()).toMatchObject({ event: 'failed', error: 'no_time_left' });

      await ben.press('Continue');
      expect(ben.prompt()?.scopes).toEqual([REMIND]);
    });

    it('counts the age from the signed timestamp, not from the arrival', async () => {
      const { slack, ben, clock } = harness;
      await ben.runCommand('/permissions', ASK, { timestamp: Math.floor(clock.now() / 1_000) - 3 });
      await harness.settled();
      expect(slack.callsTo(METHOD)).toEqual([]);
      await ben.runCommand('/permissions', ASK, { timestamp: Math.floor(clock.now() / 1_000) - 1 });
      await harness.settled();
      expect(slack.callsTo(METHOD)).toHaveLength(1);
    });

    it('does not trust a timestamp ahead of its own clock with more than three seconds', async () => {
      const { slack, ben, clock } = harness;
      slack.faults.answerNext(METHOD, { hang: true });
      const command = ben.runCommand('/permissions', ASK, {
        timestamp: Math.floor(clock.now() / 1_000) + 60,
      });
      await callArrived();
      await clock.advance(2_900);
      await command;
      await harness.settled();
      expect(await soleEntry()).toMatchObject({ event: 'failed', error: 'timeout' });
    });

    it('gives up when the trigger dies, answers, and makes no second call with it', async () => {
      const { slack, ben, clock } = harness;
      slack.faults.answerNext(METHOD, { hang: true });
      const command = ben.runCommand('/permissions', ASK);
      await callArrived();
      await clock.advance(2_840);
      expect(await harness.log()).toEqual([]);
      await clock.advance(20);
      await command;
      await harness.settled();
      expect(slack.callsTo(METHOD)).toHaveLength(1);
      expect(await soleEntry()).toMatchObject({ event: 'failed', error: 'timeout' });
      expect(ben.lastMessage()?.plain).toContain('Slack did not answer within the three seconds');

      await clock.advance(60_000);
      expect(slack.callsTo(METHOD)).toHaveLength(1);
      await ben.press('Continue');
      expect(ben.prompt()?.scopes).toEqual([REMIND]);
    });

    it('joins the answer to a prompt that Slack showed although its own answer came too late', async () => {
      const { slack, ben, clock } = harness;
      slack.faults.answerNext(METHOD, { afterEffect: true, hang: true });
      const command = ben.runCommand('/permissions', ASK);
      await callArrived();
      // Slack still waits for the acknowledgement, and with it for the entry.
      await clock.advance(2_900);
      await command;
      await harness.settled();
      const { request_id } = await soleEntry();
      await ben.allow();
      expect((await harness.log())[1]).toMatchObject({ event: 'granted', request_id });
    });

    /** The clock moves only once Slack has the call: what comes before it takes real time. */
    async function callArrived(): Promise<void> {
      await until(() => harness.slack.callsTo(METHOD).length > 0);
    }
  });

  it('is the first thing that leaves the process', async () => {
    const { slack, ben } = harness;
    const before = slack.calls.length;
    slack.faults.answerNext(METHOD, { body: { ok: false, error: 'invalid_trigger' } });
    await ben.runCommand('/permissions', ASK);
    await harness.settled();
    expect(slack.calls.slice(before).map((call) => call.method)).toEqual([METHOD, 'response_url']);
  });

  it('is not held up by a rate limit on another method', async () => {
    const { slack, ada, ben } = harness;
    slack.faults.answerAlways('users.info', {
      status: 429,
      headers: { 'Retry-After': '30' },
      body: { ok: false },
    });
    slack.faults.answerAlways('chat.postMessage', {
      status: 429,
      headers: { 'Retry-After': '30' },
      body: { ok: false },
    });
    await ada.runCommand('/permissions', 'log');
    await ben.runCommand('/permissions', ASK);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
    await ben.allow();
    await ada.runCommand('/permissions', ASK);
    expect(ada.prompt()?.scopes).toEqual([REMIND]);
  });

  it.each(['invalid_scope', 'invalid_user', 'user_is_bot', 'is_bot'])(
    '%s: says what cannot be asked, and of whom',
    async (error) => {
      const { slack, ben } = harness;
      slack.faults.answerNext(METHOD, { body: { ok: false, error } });
      await ben.runCommand('/permissions', ASK);
      await harness.settled();
      expect(ben.lastMessage()?.plain).toContain(`\`${REMIND}\` cannot be asked of <@U0BEN>`);
      expect(ben.lastMessage()?.buttons).toEqual([]);
      expect(await soleEntry()).toMatchObject({ event: 'failed', error });
    },
  );

  it.each([
    'not_authed',
    'invalid_auth',
    'account_inactive',
    'token_revoked',
    'no_permission',
    'org_login_required',
    'team_added_to_org',
    'unknown_method',
    'method_deprecated',
  ])('%s: an admin has to act, and the operator reads what to do', async (error) => {
    const { slack, ben, lines } = harness;
    slack.faults.answerNext(METHOD, { body: { ok: false, error } });
    await ben.runCommand('/permissions', ASK);
    await harness.settled();
    const entry = await soleEntry();
    expect(entry).toMatchObject({ event: 'failed', error });
    expect(ben.lastMessage()?.plain).toMatch(/An admin has to act/);
    expect(ben.lastMessage()?.plain).toContain(String(entry.request_id));
    const operator = lines
      .map((line) => JSON.parse(line))
      .find((line) => line.request_id === entry.request_id);
    expect(operator).toMatchObject({ level: 'error', error, advice: expect.stringMatching(/\w+ \w+/) });
  });

  it.each([
    ['never_heard_of_it', { body: { ok: false, error: 'never_heard_of_it' } }],
    ['unknown_error', { body: { ok: false } }],
    ['unknown_error', { body: { ok: false, error: `no word of Slack’s ${'x'.repeat(10_000)}` } }],
    ['http_404', { status: 404, text: 'not found' }],
  ])('%s: says that it failed, with a reference to quote', async (error, answer) => {
    const { slack, ben } = harness;
    slack.faults.answerNext(METHOD, answer);
    await ben.runCommand('/permissions', ASK);
    await harness.settled();
    const entry = await soleEntry();
    expect(entry).toMatchObject({ event: 'failed', error });
    expect(ben.lastMessage()?.plain).toContain(`reference \`${entry.request_id}\``);
  });

  it('takes an ok with a warning for an ok, and logs the warning', async () => {
    const { slack, ben, lines } = harness;
    slack.faults.answerNext(METHOD, {
      afterEffect: true,
      body: { ok: true, warning: 'superfluous_charset' },
    });
    await ben.runCommand('/permissions', ASK);
    expect(ben.prompt()).toBeDefined();
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`]);
    expect(lines.join('')).toContain('superfluous_charset');
  });

  it('answers by a direct message where the response_url fails', async () => {
    const { slack, ben } = harness;
    slack.faults.answerNext(METHOD, { status: 503, text: '' });
    slack.faults.answerNext('response_url', { status: 500, text: '' });
    await ben.runCommand('/permissions', ASK);
    await harness.settled();
    expect(ben.lastMessage()).toMatchObject({ ephemeral: false, buttons: ['Continue'] });
    await ben.press('Continue');
    await harness.settled();
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
    expect(ben.messages()).toEqual([]);
  });

  it('answers a modal’s failure by a direct message', async () => {
    const { slack, ben } = harness;
    slack.faults.answerNext(METHOD, { status: 503, text: '' });
    await ben.runShortcut('request_permissions');
    ben.choose('Permissions', ['Set reminders for you']);
    await ben.submit();
    await harness.settled();
    expect(ben.lastMessage()).toMatchObject({ ephemeral: false, buttons: ['Continue'] });
    await ben.press('Continue');
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('goes on with nobody’s request but the presser’s own', async () => {
    const { slack, ben, cleo } = harness;
    slack.faults.answerNext(METHOD, { status: 503, text: '' });
    await ben.runCommand('/permissions', ASK);
    await harness.settled();
    const button = { action_id: 'continue_request', type: 'button', value: (await soleEntry()).request_id };
    await postAction(harness, { userId: cleo.id, action: button });
    await harness.settled();
    expect(slack.callsTo(METHOD)).toHaveLength(1);
    expect(cleo.lastMessage()?.plain).toContain('This request is no longer there');
  });
});

describe.each(databases)('an exchange, on %s', (database) => {
  let harness: Harness;
  afterEach(() => harness.close());

  it('writes nothing to the database while the call is under way', async () => {
    harness = await startHarness({}, { database });
    const { slack, ben, clock } = harness;
    slack.faults.answerNext(METHOD, { delayMs: 1_000, afterEffect: true, body: { ok: true } });
    const command = ben.runCommand('/permissions', ASK);
    await until(() => slack.callsTo(METHOD).length > 0);
    expect(await harness.log()).toEqual([]);
    await clock.advance(1_000);
    await command;
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`]);
  });
});
