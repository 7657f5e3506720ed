import manifest from '../../manifest.json';
import type { Sandbox } from '../../sandbox/types';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness, transports } from '../support/harness';
import { ask, consent, install, openConsent, prefetch, stateOf } from '../support/oauth';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const SECOND = { teamId: 'T0SECOND' };
const NOT_INSTALLED = { oauth: true, sandbox: { isInstalled: false } };

/** What the app called Slack with to show its modals, in their order. */
const tokensOfModals = (slack: Sandbox) => slack.callsTo('views.open').map(({ args }) => args.token);
const tokenOf = (slack: Sandbox, teamId: string | undefined) =>
  slack.botTokens().find((token) => token.teamId === teamId && !token.isRevoked)?.value;

/** What the tables hold of tokens. */
async function countTokens({ database }: Harness): Promise<number> {
  const rows = await database.run(
    'select token from bot_installations union all select token from user_tokens',
  );
  return rows.length;
}

describe.each(eitherDatabase)('installing by OAuth, on %s', (database) => {
  let harness: Harness;
  afterEach(() => harness.close());

  describe.each(transports)('by %s', (transport) => {
    it('begins at the app’s own address, and lets the workspace ask from then on', async () => {
      harness = await startHarness({}, { ...NOT_INSTALLED, database, transport });
      const { slack, ada, ben } = harness;
      const page = await ada.browser.open(harness.url('/slack/install'));
      expect(page.authorize?.botScopes).toEqual(manifest.oauth_config.scopes.bot);
      expect(page.authorize?.scopes).toEqual([]);

      const done = await page.allow();
      expect(done).toMatchObject({ status: 200, text: expect.stringContaining('It is ready in Sandbox') });
      const page2 = await consent(harness, ben, REMIND);
      expect(page2.text).toContain('You granted');
      expect(new Set(slack.deliveries.map((delivery) => delivery.transport))).toEqual(new Set([transport]));
      expect(tokensOfModals(slack)).toEqual([slack.botToken]);
      expect(slack.granted('U0BEN')).toEqual(['reminders:write']);
      expect(await harness.events()).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);
      expect(ben.lastMessage()?.plain).toContain('Noted: you granted');
    });

    it('serves a whole organisation by one installation', async () => {
      const sandbox = { isInstalled: false, isEnterprise: true };
      harness = await startHarness({}, { oauth: true, database, transport, sandbox });
      const { slack, ada, ben } = harness;
      const benInSecond = slack.as('U0BEN', SECOND);
      const done = await install(harness, ada, { orgWide: true });
      expect(done.text).toContain('It is ready in Sandbox Organisation');

      await consent(harness, ben, REMIND);
      await benInSecond.runShortcut('request_permissions');
      benInSecond.choose('Permissions', ['Pause your notifications']);
      await benInSecond.submit();
      await harness.settled();
      await (await openConsent(benInSecond)).allow();
      await harness.settled();

      expect(new Set(tokensOfModals(slack))).toEqual(new Set([tokenOf(slack, undefined)]));
      expect(slack.granted('U0BEN')).toEqual(['reminders:write']);
      expect(slack.granted('U0BEN', SECOND)).toEqual(['dnd:write']);
      const grants = await harness.grants();
      expect(grants.map(({ team_id, scope }) => `${team_id} ${scope}`)).toEqual([
        `T0SANDBOX ${REMIND}`,
        `T0SECOND ${DND}`,
      ]);
    });
  });

  it('keeps two workspaces apart: each has its own token, and a consent in one touches nothing of the other', async () => {
    harness = await startHarness({}, { ...NOT_INSTALLED, database });
    const { slack, ada, ben } = harness;
    const benInSecond = slack.as('U0BEN', SECOND);
    await install(harness, ada);
    await install(harness, ada, SECOND);
    const [first, second] = [tokenOf(slack, 'T0SANDBOX'), tokenOf(slack, 'T0SECOND')];
    expect(first).not.toBe(second);

    await consent(harness, ben, REMIND);
    expect(slack.granted('U0BEN', SECOND)).toEqual([]);
    await consent(harness, benInSecond, `${REMIND},${DND}`);
    await ben.runCommand('/permissions', 'revoke');
    await ben.press('Take it back');
    await harness.settled();
    await ask(harness, ben, DND);
    await benInSecond.runCommand('/permissions', 'status');

    expect(tokensOfModals(slack)).toEqual([first, second, first]);
    expect(slack.granted('U0BEN')).toEqual([]);
    expect(slack.granted('U0BEN', SECOND)).toEqual(['dnd:write', 'reminders:write']);
    expect(benInSecond.lastMessage()?.plain).toContain(REMIND);
    expect((await harness.grants()).map(({ team_id }) => team_id)).toEqual(['T0SECOND', 'T0SECOND']);
    expect(slack.botTokens().filter(({ isRevoked }) => isRevoked)).toEqual([]);
  });

  it.each([
    ['tokens_revoked before app_uninstalled', 'tokens_revoked'],
    ['app_uninstalled before tokens_revoked', 'app_uninstalled'],
    ['both at once', undefined],
  ] as const)('erases every token when the app is removed, and keeps the log: %s', async (_how, first) => {
    harness = await startHarness({}, { ...NOT_INSTALLED, database });
    const { slack, ada, ben } = harness;
    await install(harness, ada);
    await consent(harness, ben, REMIND);
    await harness.clock.advance(5_000);
    expect(await countTokens(harness)).toBe(2);

    await slack.uninstall(first === undefined ? {} : { first });
    await harness.settled();
    expect(await countTokens(harness)).toBe(0);
    expect(await harness.grants()).toEqual([]);
    const removals = (await harness.log()).filter(({ event }) => event === 'removed');
    expect(removals.filter(({ user_id }) => user_id === 'U0BEN').map(({ scopes }) => scopes)).toEqual([
      [REMIND],
    ]);
    expect((await harness.events()).slice(0, 2)).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);

    await harness.clock.advance(5_000);
    await install(harness, ada);
    await consent(harness, ben, DND);
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([DND]);
    expect(await countTokens(harness)).toBe(2);
  });

  it('lets a removal that comes late touch nothing of a newer installation', async () => {
    harness = await startHarness({}, { ...NOT_INSTALLED, database });
    const { slack, ada, ben, clock } = harness;
    await install(harness, ada);
    await clock.advance(5_000);
    const removedAt = Math.floor(clock.now() / 1_000);
    await clock.advance(30_000);
    await install(harness, ada);
    await consent(harness, ben, REMIND);

    const late = { eventTime: removedAt };
    await slack.sendEvent({ type: 'app_uninstalled' }, late);
    await slack.sendEvent({ type: 'tokens_revoked', tokens: { oauth: ['U0BEN'], bot: ['U0APP'] } }, late);
    expect(await countTokens(harness)).toBe(2);
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
    await ask(harness, ben, DND);
    expect(ben.surface()?.title).toBe('Grant permissions');
  });

  it.each(['tokens_revoked', 'app_uninstalled'] as const)(
    'ends what users granted anywhere in an organisation that removes the app (%s first), and can be installed again',
    async (first) => {
      const sandbox = { isInstalled: false, isEnterprise: true };
      harness = await startHarness({}, { oauth: true, database, sandbox });
      const { slack, ada, ben } = harness;
      const benInSecond = slack.as('U0BEN', SECOND);
      await install(harness, ada, { orgWide: true });
      await consent(harness, ben, REMIND);
      await consent(harness, benInSecond, DND);
      await harness.clock.advance(5_000);

      await slack.uninstall({ first });
      await harness.settled();
      expect(await countTokens(harness)).toBe(0);
      expect(await harness.grants()).toEqual([]);
      const removals = (await harness.log()).filter(
        ({ event, user_id }) => event === 'removed' && user_id === 'U0BEN',
      );
      expect(removals.map(({ team_id, scopes }) => `${team_id} ${String(scopes)}`).sort()).toEqual([
        `T0SANDBOX ${REMIND}`,
        `T0SECOND ${DND}`,
      ]);

      await harness.clock.advance(5_000);
      await install(harness, ada, { orgWide: true });
      await consent(harness, benInSecond, REMIND);
      expect((await harness.grants()).map(({ team_id, scope }) => `${team_id} ${scope}`)).toEqual([
        `T0SECOND ${REMIND}`,
      ]);
    },
  );
});

describe('an installation that does not come about', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, NOT_INSTALLED);
  });
  afterEach(() => harness.close());

  /** Where Slack sends Ada's browser once she has allowed it. */
  async function allowAndStop(): Promise<string> {
    const page = await harness.ada.browser.open(harness.url('/slack/install'));
    return (await page.allow({ dropRedirect: true })).redirect ?? '';
  }

  async function expectNotInstalled(): Promise<void> {
    expect(harness.slack.botTokens()).toEqual([]);
    expect(await countTokens(harness)).toBe(0);
  }

  it('says that the app is not installed where somebody asks before it is', async () => {
    const { ben } = harness;
    await ask(harness, ben, REMIND);
    expect(ben.lastMessage()?.plain).toContain('An admin has to act');
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error: 'not_installed' });
  });

  it('is refused on Slack’s page', async () => {
    const page = await harness.ada.browser.open(harness.url('/slack/install'));
    const done = await page.deny();
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('was not installed') });
    await expectNotInstalled();
  });

  it('is refused once: the same state installs nothing afterwards', async () => {
    const address = await allowAndStop();
    const refusal = new URL(address);
    refusal.searchParams.delete('code');
    refusal.searchParams.set('error', 'access_denied');
    await harness.ada.browser.open(refusal.href);
    expect(await harness.ada.browser.open(address)).toMatchObject({ status: 400 });
    await expectNotInstalled();
  });

  it('was begun in another browser: whoever is sent its end is not made to install', async () => {
    const { ada, cleo, slack } = harness;
    const address = await allowAndStop();
    const page = await cleo.browser.open(address);
    expect(page).toMatchObject({ status: 400, text: expect.stringContaining('another browser') });
    expect(slack.callsTo('oauth.v2.access')).toEqual([]);
    await expectNotInstalled();
    expect(await ada.browser.open(address)).toMatchObject({ status: 200 });
  });

  it('is not repeated by the same address: its browser is shown what came of it again, another one that it is over', async () => {
    const { ada, cleo, slack } = harness;
    const address = await allowAndStop();
    const first = await ada.browser.open(address);
    expect(first).toMatchObject({ status: 200, text: expect.stringContaining('It is ready in Sandbox') });
    expect(await ada.browser.open(address)).toMatchObject({ status: 200, text: first.text });
    await harness.restart();
    const { pathname, search } = new URL(address);
    const again = harness.url(pathname + search);
    expect(await cleo.browser.open(again)).toMatchObject({
      status: 400,
      text: expect.stringContaining('answered already'),
    });
    expect(slack.callsTo('oauth.v2.access')).toHaveLength(1);
  });

  it('is looked at ahead of time, which uses nothing up', async () => {
    const { ada, slack } = harness;
    const address = await allowAndStop();
    for (const url of [harness.url('/slack/install'), address]) await prefetch(url);
    expect(slack.callsTo('oauth.v2.access')).toEqual([]);
    expect(await ada.browser.open(address)).toMatchObject({ status: 200 });
  });

  it('is begun by many who never come back: nothing is stored of them', async () => {
    const { ada, slack, lines } = harness;
    const page = await ada.browser.open(harness.url('/slack/install'));
    for (let visit = 0; visit < 20; visit += 1) {
      const { status } = await fetch(harness.url('/slack/install'), { redirect: 'manual' });
      expect(status).toBe(302);
    }
    expect(await harness.database.run('select 1 from oauth_states')).toEqual([]);
    // Neither of whoever makes up an end, with a long word for an error.
    const state = stateOf(page.url);
    const made = new URLSearchParams({ state, error: '\\'.repeat(15_000) });
    const { status } = await fetch(harness.url(`/slack/oauth_redirect?${String(made).slice(0, 15_000)}`));
    expect(status).toBe(400);
    expect(await harness.database.run('select 1 from oauth_states')).toEqual([]);
    const refused = new URLSearchParams({ state, error: '\\'.repeat(4_000) });
    await ada.browser.open(harness.url(`/slack/oauth_redirect?${refused}`));
    expect(lines.join('')).toContain('"error":"invalid_redirect"');
    expect(lines.join('')).not.toContain('\\\\\\\\');
    expect(slack.callsTo('oauth.v2.access')).toEqual([]);
  });

  it.each([
    ['nobody', '', 200],
    ['that workspace', 'T0OTHER,T0SANDBOX', 200],
    ['others', 'T0OTHER,E0OTHER', 403],
  ])('is for a workspace where INSTALL_ALLOWED_TEAMS names %s', async (_whom, ids, status) => {
    harness.environment.INSTALL_ALLOWED_TEAMS = ids;
    await harness.restart();
    const { ada, slack, lines } = harness;
    const page = await install(harness, ada);
    expect(page.status).toBe(status);
    expect(slack.botTokens().map(({ isRevoked }) => isRevoked)).toEqual([status === 403]);
    expect(await countTokens(harness)).toBe(status === 200 ? 1 : 0);
    if (status === 403) expect(page.text).toContain('Whoever runs this app has not allowed it there');
    expect(lines.filter((line) => line.includes('INSTALL_ALLOWED_TEAMS is empty')).length).toBe(
      ids === '' ? 2 : 1,
    );
  });

  it.each([
    ['E0SANDBOX', 200],
    ['T0SANDBOX', 403],
  ])('is for an organisation where INSTALL_ALLOWED_TEAMS names %s', async (ids, status) => {
    await harness.close();
    const sandbox = { isInstalled: false, isEnterprise: true };
    harness = await startHarness({ INSTALL_ALLOWED_TEAMS: ids }, { oauth: true, sandbox });
    expect(await install(harness, harness.ada, { orgWide: true })).toMatchObject({ status });
  });

  it('keeps what was installed before it was no longer allowed', async () => {
    const { ada, slack } = harness;
    await install(harness, ada);
    // Where it was installed before the workspace joined an organisation, or left it, too.
    await harness.database.run("update bot_installations set enterprise_id = 'E0BEFORE'");
    harness.environment.INSTALL_ALLOWED_TEAMS = 'T0OTHER';
    await harness.restart();
    expect(await install(harness, ada)).toMatchObject({ status: 403 });
    expect(slack.botTokens().map(({ isRevoked }) => isRevoked)).toEqual([false]);
    expect(await countTokens(harness)).toBe(1);
  });

  it('takes too long', async () => {
    const address = await allowAndStop();
    await harness.clock.advance(10 * 60_000, 60_000);
    const page = await harness.ada.browser.open(address);
    expect(page).toMatchObject({ status: 400, text: expect.stringContaining('expired') });
    await expectNotInstalled();
  });

  it('is not ended by a refusal that somebody made up', async () => {
    const { ada, cleo } = harness;
    const address = await allowAndStop();
    for (const query of ['error=access_denied', 'error=access_denied&state=made-up', 'code=1&state=', '']) {
      const page = await cleo.browser.open(harness.url(`/slack/oauth_redirect?${query}`));
      expect(page).toMatchObject({ status: 400, text: expect.stringContaining('not known') });
    }
    expect(stateOf(address)).not.toBe('');
    expect(await ada.browser.open(address)).toMatchObject({ status: 200 });
  });

  it('fails at Slack: the page says how, and it can be begun again', async () => {
    const { ada, slack } = harness;
    slack.faults.answerNext('oauth.v2.access', { body: { ok: false, error: 'invalid_code' } });
    const page = await install(harness, ada);
    expect(page).toMatchObject({ status: 502, text: expect.stringContaining('invalid_code') });
    await expectNotInstalled();
    expect(await install(harness, ada)).toMatchObject({ status: 200 });
  });
});

it('cannot be installed by OAuth where SLACK_BOT_TOKEN names the one workspace', async () => {
  const harness = await startHarness({}, { oauth: true });
  expect(await harness.ada.browser.open(harness.url('/slack/install'))).toMatchObject({ status: 404 });
  await harness.close();
});
