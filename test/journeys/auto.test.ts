import type { Answer } from '../../sandbox/types';
import { type Harness, startHarness } from '../support/harness';
import { ask, install } from '../support/oauth';
import { until } from '../support/until';

const LIST = 'apps.permissions.users.list';
const REMIND = 'reminders:write:user';
const AUTO = { PERMISSIONS_BACKEND: 'auto' };
const RETIRED = { body: { ok: false, error: 'unknown_method' } };

describe('PERMISSIONS_BACKEND=auto', () => {
  let harness: Harness;
  afterEach(() => harness.close());

  it('asks in Slack’s own prompt where the workspace knows the Permissions API, and finds that out once', async () => {
    harness = await startHarness(AUTO);
    const { slack, ben, cleo } = harness;
    await ask(harness, ben, REMIND);
    await ask(harness, cleo, REMIND);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
    expect(cleo.prompt()?.scopes).toEqual([REMIND]);
    expect(slack.callsTo(LIST).map(({ args }) => args)).toEqual([{ token: slack.botToken, limit: '1' }]);
  });

  it.each<[string, Answer | undefined]>([
    ['unknown_method', RETIRED],
    ['method_deprecated', undefined],
    ...['not_allowed_token_type', 'no_permission', 'missing_scope', 'access_denied', 'a_new_word'].map(
      (error): [string, Answer] => [error, { body: { ok: false, error } }],
    ),
    ['404', { status: 404, text: 'Not found' }],
    ['410', { status: 410, text: '' }],
  ])(
    'asks over OAuth where the Permissions API does not answer ok (%s), and finds that out once',
    async (_error, fault) => {
      harness = await startHarness(AUTO, { oauth: true });
      const { slack, ben, cleo } = harness;
      slack.faults.answerAlways(LIST, fault);
      await ask(harness, ben, REMIND);
      await ask(harness, cleo, REMIND);
      expect(ben.surface()?.title).toBe('Grant permissions');
      expect(cleo.surface()?.title).toBe('Grant permissions');
      expect(slack.callsTo(LIST)).toHaveLength(1);
    },
  );

  it('finds it out for each workspace that installs the app', async () => {
    harness = await startHarness(AUTO, { oauth: true, sandbox: { isInstalled: false } });
    const { slack, ada, ben } = harness;
    await install(harness, ada);
    await install(harness, ada, { teamId: 'T0SECOND' });
    await ask(harness, ben, REMIND);
    await ask(harness, slack.as('U0BEN', { teamId: 'T0SECOND' }), REMIND);
    const asked = slack.callsTo(LIST).map(({ args }) => args.token);
    expect(asked).toEqual(slack.botTokens().map(({ value }) => value));
  });

  it.each([
    ['http_503', { status: 503, text: '' }],
    ['network_error', { reset: true as const }],
    ['ratelimited', { status: 429, body: { ok: false } }],
    ['ratelimited', { body: { ok: false, error: 'ratelimited' } }],
    ['fatal_error', { body: { ok: false, error: 'fatal_error' } }],
  ])('does not guess where it could not ask (%s): the user can go on', async (error, fault) => {
    harness = await startHarness(AUTO, { oauth: true });
    const { slack, ben } = harness;
    slack.faults.answerNext(LIST, fault);
    await ask(harness, ben, REMIND);
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error });
    await ben.press('Continue');
    await harness.settled();
    expect(ben.surface()?.title).toBe('Grant permissions');
  });

  it('lets no trigger wait for the answer longer than it lives', async () => {
    harness = await startHarness(AUTO, { oauth: true });
    const { slack, ben, clock } = harness;
    slack.faults.answerNext(LIST, { delayMs: 10_000 });
    const command = ben.runCommand('/permissions', `request ${REMIND}`);
    await until(() => slack.callsTo(LIST).length === 1);
    await clock.advance(2_850);
    expect(await command).toMatchObject({ status: 200, durationMs: 2_850 });
    await harness.settled();
    expect(ben.lastMessage()?.buttons).toEqual(['Continue']);
    await clock.advance(8_000);
    await until(async () => {
      await ben.press('Continue');
      await harness.settled();
      return ben.surface() !== undefined;
    });
    expect(slack.callsTo(LIST)).toHaveLength(1);
  });

  it('does not start where that is retired and OAuth is not set up, and says what to set', async () => {
    harness = await startHarness();
    const { slack, environment } = harness;
    await harness.app.stop();
    Object.assign(environment, AUTO);
    slack.faults.answerAlways(LIST, RETIRED);
    const fault = await harness.start().then(
      () => undefined,
      (error: Error) => error.message,
    );
    for (const name of ['SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET', 'TOKEN_ENCRYPTION_KEY'])
      expect(fault).toContain(`- ${name} is missing: `);
    slack.faults.answerAlways(LIST, undefined);
    await harness.start();
  });

  it.each(['auth.test', LIST])(
    'starts where Slack cannot be reached (%s), and asks later',
    async (method) => {
      harness = await startHarness();
      const { slack, environment, ben } = harness;
      await harness.app.stop();
      Object.assign(environment, AUTO);
      slack.faults.answerAlways(method, { reset: true });
      await harness.start();
      slack.faults.answerAlways(method, undefined);
      await ask(harness, ben, REMIND);
      expect(ben.prompt()?.scopes).toEqual([REMIND]);
    },
  );
});

describe('a scope that only one backend grants', () => {
  const SHIPPED = { SCOPE_CATALOG: 'scopes.json' };
  let harness: Harness;
  afterEach(() => harness.close());

  it.each([
    ['not offered, and not asked for, where users are asked over OAuth', true, { ...SHIPPED }],
    ['nor where auto has found that', true, { ...SHIPPED, ...AUTO }],
  ])('is %s', async (_what, oauth, environment) => {
    harness = await startHarness(environment, { oauth });
    const { ben } = harness;
    await ben.runCommand('/permissions');
    await harness.settled();
    const overview = ben.lastMessage()?.plain ?? '';
    expect(overview).toContain('dnd:write:user');
    expect(overview).not.toMatch(/reminders|stars/);
    await ask(harness, ben, 'stars:write:user');
    expect(ben.lastMessage()?.plain).toMatch(/stars:write:user.* cannot be asked for here/);
    expect(await harness.log()).toEqual([]);
    await ben.openHome();
    await harness.settled();
    expect(ben.home()?.texts.join('\n')).not.toMatch(/reminders|stars/);
  });

  it('is offered by the Permissions API', async () => {
    harness = await startHarness({ ...SHIPPED, ...AUTO });
    const { ben } = harness;
    await ben.runCommand('/permissions');
    await harness.settled();
    expect(ben.lastMessage()?.plain).toMatch(/stars:write:user/);
    await ask(harness, ben, 'stars:write:user');
    expect(ben.prompt()?.scopes).toEqual(['stars:write:user']);
  });
});
