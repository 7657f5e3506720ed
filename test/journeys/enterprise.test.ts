import type { JsonObject, SandboxOptions } from '../../sandbox/types';
import { eitherDatabase, type TestDatabaseKind } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { ask, consent, install, openConsent } from '../support/oauth';
import { post } from '../support/signed-post';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const ORGANISATION = 'E0SANDBOX';
const FIRST = 'T0SANDBOX';
const SECOND = { teamId: 'T0SECOND' };
const GRID: SandboxOptions = { isInstalled: false, isEnterprise: true };

let harness: Harness;
afterEach(() => harness.close());

const tokens = () =>
  harness.database.run('select team_id, user_id from user_tokens order by team_id, user_id');
const bots = async () =>
  (await harness.database.run('select enterprise_id, team_id from bot_installations order by team_id'))
    .length;
const held = async () => (await harness.grants()).map(({ team_id, scope }) => `${team_id} ${scope}`);
const removals = async () =>
  (await harness.log())
    .filter(({ event, user_id }) => event === 'removed' && user_id !== null)
    .map(({ team_id, user_id, scopes, reason }) => `${team_id} ${user_id} ${String(scopes)} ${reason}`)
    .sort();

async function startInOrganisation(database: TestDatabaseKind = 'sqlite'): Promise<void> {
  harness = await startHarness({}, { oauth: true, database, sandbox: GRID });
  await install(harness, harness.ada, { orgWide: true });
}

/** Ben consents in both workspaces of the organisation. */
async function consentTwice(): Promise<void> {
  await consent(harness, harness.ben, REMIND);
  await consent(harness, harness.slack.as('U0BEN', SECOND), DND);
  await harness.clock.advance(5_000);
}

/** A sweep of every workspace, as the app makes one when it starts. */
async function sweep(): Promise<void> {
  harness.environment.SYNC_INTERVAL_MINUTES = '60';
  await harness.restart(60_000);
  await harness.settled();
}

/** As Slack sends what tells the end of an installation: without `authorizations`. */
const tell = (event: JsonObject, envelope: JsonObject = {}) =>
  harness.slack.sendEvent(event as { type: string }, {
    eventTime: Math.floor(harness.clock.now() / 1_000),
    envelope: {
      authorizations: undefined,
      context_team_id: undefined,
      context_enterprise_id: undefined,
      ...envelope,
    },
  });

describe.each(eitherDatabase)('one user of one workspace of an organisation, on %s', (database) => {
  it('has one token, wherever a payload names the organisation, and takes that one back', async () => {
    harness = await startHarness({}, { oauth: true, database, sandbox: GRID });
    const { slack, ada, ben } = harness;
    await install(harness, ada);
    const scopes = [REMIND, DND, 'dnd:read:user'];
    for (const [index, organisation] of (['nowhere', 'in_team', undefined] as const).entries()) {
      await ben.runShortcut('request_permissions', { ...(organisation && { organisation }) });
      await ben.cancel();
      await ben.runCommand('/permissions', `request ${scopes[index]}`, {
        ...(organisation && { organisation }),
      });
      await harness.settled();
      await (await openConsent(ben)).allow();
      await harness.settled();
      expect(await tokens()).toEqual([{ team_id: FIRST, user_id: 'U0BEN' }]);
    }

    await ben.runCommand('/permissions', 'revoke', { organisation: 'nowhere' });
    await ben.press('Take it back');
    await harness.settled();
    expect(await tokens()).toEqual([]);
    expect(slack.granted('U0BEN')).toEqual([]);
    expect(slack.userTokens().filter(({ isRevoked }) => !isRevoked)).toEqual([]);
  });

  it('is served by the organisation’s installation also where a payload does not name it', async () => {
    await startInOrganisation(database);
    const { slack, ben } = harness;
    await ask(harness, ben, REMIND);
    await ben.cancel();
    await ben.runCommand('/permissions', `request ${DND}`, { organisation: 'nowhere' });
    await harness.settled();
    expect(ben.surface()?.title).toBe('Grant permissions');
    expect(slack.callsTo('views.open')).toHaveLength(2);
    expect((await harness.events()).filter((event) => event.startsWith('failed'))).toEqual([]);
  });

  it('has one installation: that of a workspace which has joined takes the place of the one before', async () => {
    harness = await startHarness({}, { oauth: true, database, sandbox: GRID });
    await install(harness, harness.ada);
    // As it was before the workspace joined; the token itself can no longer be read.
    await harness.database.run("update bot_installations set enterprise_id = ''");
    await harness.clock.advance(5_000);
    await install(harness, harness.ada);
    expect(await bots()).toBe(1);
    await ask(harness, harness.ben, REMIND);
    expect(harness.ben.surface()?.title).toBe('Grant permissions');
  });

  it('keeps what was granted in a workspace that the organisation’s access does not end', async () => {
    await startInOrganisation(database);
    await consentTwice();
    await harness.slack.setAccess('T0SECOND', false);
    await harness.settled();

    expect(await held()).toEqual([`${FIRST} ${REMIND}`]);
    expect(await tokens()).toEqual([{ team_id: FIRST, user_id: 'U0BEN' }]);
    expect(await removals()).toEqual([`T0SECOND U0BEN ${DND} team_access_revoked`]);
    await sweep();
    expect(await held()).toEqual([`${FIRST} ${REMIND}`]);
    expect(await removals()).toHaveLength(1);

    await harness.slack.setAccess('T0SECOND', true);
    await harness.settled();
    const benInSecond = harness.slack.as('U0BEN', SECOND);
    await benInSecond.runCommand('/permissions', `request ${DND}`, { organisation: 'nowhere' });
    await harness.settled();
    expect(benInSecond.surface()?.title).toBe('Grant permissions');
  });

  it('ends with the organisation’s installation, where Slack names one workspace and no authorization', async () => {
    await startInOrganisation(database);
    await consentTwice();
    await tell({ type: 'app_uninstalled' });
    await harness.settled();
    expect(await bots()).toBe(0);
    expect(await tokens()).toEqual([]);
    expect(await held()).toEqual([]);
    expect(await removals()).toEqual([
      `${FIRST} U0BEN ${REMIND} app_uninstalled`,
      `T0SECOND U0BEN ${DND} app_uninstalled`,
    ]);
    await sweep();
    expect(await held()).toEqual([]);
  });

  it('keeps what is the organisation’s where the workspace’s own installation ends, whatever comes first', async () => {
    await startInOrganisation(database);
    await install(harness, harness.ada, SECOND);
    await consentTwice();
    await tell({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0APP'] } }, { team_id: 'T0SECOND' });
    await tell({ type: 'app_uninstalled' }, { team_id: 'T0SECOND' });
    await harness.settled();
    expect(await harness.database.run('select team_id from bot_installations')).toEqual([{ team_id: '' }]);
    expect(await held()).toEqual([`${FIRST} ${REMIND}`]);
  });

  it('keeps what is the organisation’s where a renewal hears first that the workspace’s own installation ended', async () => {
    const sandbox = { ...GRID, tokenRotation: true };
    harness = await startHarness({}, { oauth: true, database, sandbox });
    await install(harness, harness.ada, { orgWide: true });
    await install(harness, harness.ada, SECOND);
    const atMs = harness.clock.now() + 60 * 60_000;
    await harness.database.run(
      `update bot_installations set expires_at_ms = ${atMs} where team_id = 'T0SECOND'`,
    );
    const ended = { body: { ok: false, error: 'token_revoked' } };
    harness.slack.faults.answerNext('oauth.v2.access', ended);
    await ask(harness, harness.slack.as('U0BEN', SECOND), REMIND);
    await until(async () => (await bots()) === 1);
    await tell({ type: 'app_uninstalled' }, { team_id: 'T0SECOND' });
    await harness.settled();
    expect(await harness.database.run('select team_id from bot_installations')).toEqual([{ team_id: '' }]);
  });

  it('loses in every workspace what Slack revokes for the organisation', async () => {
    await startInOrganisation(database);
    await consentTwice();
    await tell({ type: 'tokens_revoked', tokens: { oauth: ['U0BEN'], bot: [] } }, { team_id: ORGANISATION });
    await harness.settled();
    expect(await held()).toEqual([]);
    expect(await tokens()).toEqual([]);
    expect(await bots()).toBe(1);
  });

  it('keeps an installation whose bot is not the one that Slack names', async () => {
    harness = await startHarness({}, { oauth: true, database, sandbox: { isInstalled: false } });
    await install(harness, harness.ada);
    await consent(harness, harness.ben, REMIND);
    await harness.clock.advance(5_000);
    await tell({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0OLDBOT'] } });
    await harness.settled();
    expect(await bots()).toBe(1);
    expect((await harness.log()).filter(({ event }) => event === 'removed')).toEqual([]);
    await ask(harness, harness.ben, DND);
    expect(harness.ben.surface()?.title).toBe('Grant permissions');
    await tell({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0APP'] } });
    await harness.settled();
    expect(await bots()).toBe(0);
  });

  it('loses an installation whose bot was never told, with any that Slack names', async () => {
    harness = await startHarness({}, { oauth: true, database, sandbox: { isInstalled: false } });
    await install(harness, harness.ada);
    await harness.clock.advance(5_000);
    await harness.database.run('update bot_installations set bot_user_id = null');
    await tell({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0APP'] } });
    await harness.settled();
    expect((await harness.log()).filter(({ event }) => event === 'removed')).toHaveLength(1);
    expect(await bots()).toBe(0);
  });
});

describe('an organisation’s token in SLACK_BOT_TOKEN', () => {
  it('keeps every workspace true in which users have granted something', async () => {
    harness = await startHarness({}, { oauth: true, sandbox: { isEnterprise: true, isOrgWide: true } });
    await consentTwice();
    harness.slack.revokeDirectly('U0BEN', undefined, SECOND);
    await sweep();
    expect(await held()).toEqual([`${FIRST} ${REMIND}`]);
    const sweeps = await harness.database.run('select team_id, users, state from sweeps order by team_id');
    expect(sweeps).toEqual([
      { team_id: FIRST, users: 1, state: 'done' },
      { team_id: 'T0SECOND', users: 0, state: 'done' },
    ]);
  });

  it('is not ended by an earlier bot’s end, and ends with the workspaces that it reaches', async () => {
    harness = await startHarness({}, { oauth: true, sandbox: { isEnterprise: true, isOrgWide: true } });
    await consentTwice();
    await tell({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0OLDBOT'] } });
    expect((await harness.log()).filter(({ event }) => event === 'removed')).toEqual([]);
    await tell({ type: 'app_uninstalled' }, { team_id: ORGANISATION });
    await harness.settled();
    expect(await held()).toEqual([]);
  });

  it('is not ended by a bot’s end while Slack does not say whose the token is', async () => {
    harness = await startHarness({}, { oauth: true, sandbox: { isEnterprise: true, isOrgWide: true } });
    await consentTwice();
    harness.slack.faults.answerAlways('auth.test', { status: 503, text: '' });
    await harness.restart();
    await tell({ type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0OLDBOT'] } });
    expect((await harness.log()).filter(({ event }) => event === 'removed')).toEqual([]);
  });
});

describe('the app’s home', () => {
  const publishedBy = () => harness.slack.callsTo('views.publish').map(({ args }) => args.token);

  it('asks for the workspace of an organisation in which the person looks at it', async () => {
    await startInOrganisation();
    await harness.ben.openHome();
    const benInSecond = harness.slack.as('U0BEN', SECOND);
    await benInSecond.openHome();
    await harness.settled();
    benInSecond.choose('Permissions', ['Pause your notifications']);
    await benInSecond.press('Ask for these');
    await harness.settled();
    expect((await harness.log()).map(({ team_id, event }) => `${team_id} ${event}`)).toEqual([
      'T0SECOND requested',
    ]);
  });

  it('is served to a visitor with the token of the workspace that has the app', async () => {
    harness = await startHarness({}, { oauth: true, sandbox: { isInstalled: false } });
    await install(harness, harness.ada);
    await harness.slack.sendEvent(
      { type: 'app_home_opened', user: 'U0BEN', channel: 'D0BEN', tab: 'home', event_ts: '1.1' },
      {
        envelope: {
          team_id: 'T0VISITOR',
          enterprise_id: 'E0VISITOR',
          context_team_id: FIRST,
          is_ext_shared_channel: true,
        },
      },
    );
    await harness.settled();
    expect(publishedBy()).toEqual([harness.slack.botToken]);
    expect(harness.ben.home()?.texts.join('\n')).toContain('You have granted nothing yet.');
    expect(await harness.database.run('select team_id from homes')).toEqual([{ team_id: FIRST }]);
  });
});

describe('a visitor by Slack Connect', () => {
  const state = {
    values: {
      scopes: { scopes: { type: 'multi_static_select', selected_options: [{ value: DND }] } },
    },
  };
  const visitor = { id: 'U0BEN', team_id: 'T0VISITOR' };
  const gestures: [string, JsonObject][] = [
    [
      'a modal that they submit',
      {
        type: 'view_submission',
        team: { id: 'T0VISITOR' },
        enterprise: { id: 'E0VISITOR' },
        view: {
          type: 'modal',
          callback_id: 'permission_view',
          team_id: 'T0VISITOR',
          app_installed_team_id: FIRST,
          state,
        },
      },
    ],
    [
      'a button that they press',
      {
        type: 'block_actions',
        team: { id: FIRST },
        actions: [{ block_id: 'b', action_id: 'ask_for_scopes' }],
        state,
      },
    ],
    [
      'a button of their home',
      {
        type: 'block_actions',
        team: { id: 'T0VISITOR' },
        actions: [{ block_id: 'b', action_id: 'ask_for_scopes' }],
        view: { type: 'home', private_metadata: FIRST, team_id: 'T0VISITOR', state },
      },
    ],
  ];

  it.each(gestures)(
    'is served with the token of the workspace that has the app: %s',
    async (_what, gesture) => {
      harness = await startHarness({}, { oauth: true, sandbox: { isInstalled: false } });
      await install(harness, harness.ada);
      const payload = { user: visitor, trigger_id: '1.2.abc', ...gesture };
      const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
      await post(harness, { body, contentType: 'application/x-www-form-urlencoded' });
      await harness.settled();
      const tokensUsed = harness.slack.callsTo('views.open').map(({ args }) => args.token);
      expect(tokensUsed).toEqual([harness.slack.botToken]);
      expect((await harness.log()).map(({ team_id, user_id }) => `${team_id} ${user_id}`)).toEqual([
        `${FIRST} U0BEN`,
      ]);
    },
  );
});
