import { type OauthWorld, startOauthWorld, userTokenOf } from './support/oauth-world';

const SCOPE = 'chat:write,commands,im:write,users:read';
const ENTERPRISE = { id: 'E0SANDBOX', name: 'Sandbox Organisation' };

let world: OauthWorld;
beforeEach(async () => {
  world = await startOauthWorld({ isEnterprise: true, isInstalled: false });
});
afterEach(() => world.close());

const events = () => world.app.requests.filter(({ payload }) => payload.type === 'event_callback');
const install = () => world.consent('U0ADA', { scope: SCOPE }, { orgWide: true });

test('the organisation is known', () => {
  expect(world.sandbox.enterpriseId).toBe('E0SANDBOX');
});

test('a request for user scopes alone needs a workspace', async () => {
  const page = await world.openConsent('U0BEN', { user_scope: 'dnd:read' });
  expect([page.status, page.authorize]).toEqual([400, undefined]);
  expect(page.text).toContain('no_bot_scopes_requested');

  expect(await world.consent('U0BEN', { user_scope: 'dnd:read', team: 'T0SECOND' })).toMatchObject({
    team: { id: 'T0SECOND', name: 'Second' },
    enterprise: ENTERPRISE,
    is_enterprise_install: false,
    authed_user: { id: 'U0BEN', scope: 'dnd:read' },
  });
});

test('an install in the whole organisation: no team, and one token for all workspaces', async () => {
  const page = await world.openConsent('U0ADA', { scope: SCOPE });
  expect(page.authorize?.teams.map(({ id }) => id)).toEqual(['T0SANDBOX', 'T0SECOND', 'E0SANDBOX']);

  const answer = await install();

  expect(answer).toMatchObject({
    team: null,
    enterprise: ENTERPRISE,
    is_enterprise_install: true,
    token_type: 'bot',
    bot_user_id: 'U0APP',
  });
  const token = String(answer.access_token);
  expect(world.sandbox.botTokens()).toMatchObject([{ value: token, teamId: undefined, userId: 'U0APP' }]);
  expect(await world.callAs(token, 'auth.test')).toMatchObject({
    url: 'https://sandbox-org.enterprise.slack.com/',
    team_id: 'E0SANDBOX',
    enterprise_id: 'E0SANDBOX',
    is_enterprise_install: true,
  });
  for (const channel of ['C0GENERAL', 'C0SECOND']) {
    expect(await world.callAs(token, 'chat.postMessage', { channel, text: 'x' })).toMatchObject({ channel });
  }
  expect(await world.callAs(token, 'users.info', { user: 'U0DORA' })).toMatchObject({
    user: { team_id: 'T0SECOND', enterprise_user: { id: 'U0DORA', enterprise_id: 'E0SANDBOX' } },
  });
  expect(await world.callAs(token, 'users.info', { user: 'U0BEN', team_id: 'T0SECOND' })).toMatchObject({
    user: { team_id: 'T0SECOND' },
  });
});

test('a trigger of any workspace opens a modal there', async () => {
  const token = String((await install()).access_token);
  const { payload } = await world.sandbox.as('U0BEN', { teamId: 'T0SECOND' }).runCommand('/permissions');
  const plain = (text: string) => ({ type: 'plain_text', text });
  const view = { type: 'modal', title: plain('There'), submit: plain('Send'), blocks: [{ type: 'divider' }] };
  const args = { trigger_id: String(payload.trigger_id), view: JSON.stringify(view) };
  const { view: opened } = await world.callAs(token, 'views.open', args);
  expect(opened).toMatchObject({ team_id: 'T0SECOND', app_installed_team_id: 'E0SANDBOX' });
  const ben = world.sandbox.as('U0BEN', { teamId: 'T0SECOND' });
  expect(ben.surface()?.title).toBe('There');
  expect(world.sandbox.as('U0BEN').surface()).toBeUndefined();
  const view_id = (opened as { id: string }).id;
  const changed = JSON.stringify({ ...view, title: plain('Changed') });
  expect(await world.callAs(token, 'views.update', { view_id, view: changed })).toMatchObject({ ok: true });
  expect((await ben.submit()).payload).toMatchObject({
    team: null,
    user: { id: 'U0BEN', team_id: 'T0SECOND' },
    view: { app_installed_team_id: 'E0SANDBOX' },
  });
});

test('gestures under an install of the organisation', async () => {
  await install();
  const ben = world.sandbox.as('U0BEN', { teamId: 'T0SECOND' });
  expect((await ben.runCommand('/permissions')).payload).toMatchObject({
    team_id: 'T0SECOND',
    enterprise_id: 'E0SANDBOX',
    enterprise_name: 'Sandbox Organisation',
    is_enterprise_install: 'true',
  });
  expect((await ben.runShortcut('request_permissions')).payload).toMatchObject({
    team: null,
    enterprise: ENTERPRISE,
    is_enterprise_install: true,
    user: { team_id: 'T0SECOND' },
  });
});

test('gestures under an install of one workspace', async () => {
  await world.consent('U0ADA', { scope: SCOPE }, { teamId: 'T0SANDBOX' });
  const ada = world.sandbox.as('U0ADA');
  expect((await ada.runCommand('/permissions')).payload).toMatchObject({
    enterprise_id: 'E0SANDBOX',
    is_enterprise_install: 'false',
  });
  expect((await ada.runShortcut('request_permissions')).payload).toMatchObject({
    team: { id: 'T0SANDBOX', enterprise_id: 'E0SANDBOX', enterprise_name: 'Sandbox Organisation' },
    enterprise: ENTERPRISE,
    is_enterprise_install: false,
  });
  const { payload } = await world.sandbox.sendEvent({ type: 'anything' });
  expect(payload).toMatchObject({
    team_id: 'T0SANDBOX',
    enterprise_id: 'E0SANDBOX',
    authorizations: [{ enterprise_id: 'E0SANDBOX', team_id: 'T0SANDBOX', is_enterprise_install: false }],
  });
});

test('a workspace that has an install of its own goes by that one', async () => {
  await install();
  await world.consent('U0ADA', { scope: SCOPE }, { teamId: 'T0SECOND' });
  const isOrgWide = async (teamId: string) => {
    const { payload } = await world.sandbox.as('U0BEN', { teamId }).runCommand('/permissions');
    return payload.is_enterprise_install;
  };
  expect(await isOrgWide('T0SECOND')).toBe('false');
  expect(await isOrgWide('T0SANDBOX')).toBe('true');
});

test('a person has one DM with the app in all workspaces', async () => {
  const token = String((await install()).access_token);
  await world.callAs(token, 'chat.postMessage', { channel: 'U0BEN', text: 'one' });
  for (const teamId of ['T0SANDBOX', 'T0SECOND']) {
    expect(world.sandbox.as('U0BEN', { teamId }).messages()).toMatchObject([
      { text: 'one', channel: 'D0BEN' },
    ]);
  }
  await world.callAs(token, 'chat.postMessage', { channel: 'C0SECOND', text: 'two' });
  expect(world.sandbox.as('U0BEN').messages()).toHaveLength(1);
});

test('what an admin granted for the organisation holds in its workspaces', async () => {
  const answer = await world.consent('U0ADA', { scope: SCOPE, user_scope: 'dnd:read' }, { orgWide: true });
  expect(world.sandbox.granted('U0ADA')).toEqual(['dnd:read']);
  expect(world.sandbox.granted('U0ADA', { teamId: 'T0SECOND' })).toEqual(['dnd:read']);
  expect(await world.callAs(userTokenOf(answer), 'auth.test')).toMatchObject({ user_id: 'U0ADA' });
});

test('uninstalling from the organisation', async () => {
  const token = String((await install()).access_token);
  const ben = userTokenOf(await world.consent('U0BEN', { user_scope: 'dnd:read', team: 'T0SECOND' }));

  await world.sandbox.uninstall({ first: 'tokens_revoked' });

  const [revoked, uninstalled] = events().map(({ payload }) => payload);
  expect(revoked?.event).toEqual({ type: 'tokens_revoked', tokens: { oauth: ['U0BEN'], bot: ['U0APP'] } });
  expect(uninstalled).toMatchObject({
    team_id: 'E0SANDBOX',
    enterprise_id: 'E0SANDBOX',
    event: { type: 'app_uninstalled' },
  });
  expect(uninstalled).not.toHaveProperty('authorizations');
  expect(await world.callAs(token, 'auth.test')).toEqual({ ok: false, error: 'token_revoked' });
  expect(await world.callAs(ben, 'auth.test')).toEqual({ ok: false, error: 'account_inactive' });
});

test('auth.revoke of the organisation’s bot', async () => {
  const token = String((await install()).access_token);
  await world.callAs(token, 'auth.revoke');
  await world.sandbox.settled();
  expect(events()[0]?.payload).toMatchObject({
    event: { type: 'tokens_revoked', tokens: { oauth: [], bot: ['U0APP'] } },
    team_id: 'E0SANDBOX',
  });
});

test('a workspace goes out of the reach of the install, and comes back', async () => {
  const token = String((await install()).access_token);
  const ben = userTokenOf(await world.consent('U0BEN', { user_scope: 'dnd:read', team: 'T0SECOND' }));
  const teamsOf = async () => (await world.callAs(token, 'auth.teams.list', { limit: '1' })).teams;
  expect(await world.callAs(token, 'auth.teams.list')).toMatchObject({
    teams: [{ id: 'T0SANDBOX' }, { id: 'T0SECOND' }],
    response_metadata: { next_cursor: '' },
  });
  expect(await teamsOf()).toEqual([{ id: 'T0SANDBOX', name: 'Sandbox' }]);
  const second = await world.callAs(token, 'auth.teams.list', { limit: '1', cursor: '1' });
  expect(second.teams).toEqual([{ id: 'T0SECOND', name: 'Second' }]);
  expect(await world.callAs(token, 'auth.teams.list', { cursor: 'x' })).toMatchObject({
    error: 'invalid_cursor',
  });

  await world.sandbox.setAccess('T0SECOND', false);
  expect(await world.callAs(token, 'chat.postMessage', { channel: 'C0SECOND', text: 'x' })).toMatchObject({
    error: 'team_access_not_granted',
  });
  expect(await world.callAs(ben, 'auth.test')).toMatchObject({ error: 'account_inactive' });
  await world.sandbox.setAccess('T0SECOND', true);
  expect(await world.callAs(token, 'chat.postMessage', { channel: 'C0SECOND', text: 'x' })).toMatchObject({
    ok: true,
  });
  expect(events().map(({ payload }) => payload.event)).toMatchObject([
    { type: 'team_access_revoked', team_ids: ['T0SECOND'] },
    { type: 'team_access_granted', team_ids: ['T0SECOND'] },
  ]);
});

test('a gesture may name the organisation in its team alone, or nowhere', async () => {
  await world.consent('U0ADA', { scope: SCOPE }, { teamId: 'T0SANDBOX' });
  const ada = world.sandbox.as('U0ADA');
  const { payload } = await ada.runShortcut('request_permissions', { organisation: 'in_team' });
  expect(payload).toMatchObject({ enterprise: null, team: { enterprise_id: 'E0SANDBOX' } });
  const { payload: command } = await ada.runCommand('/permissions', '', { organisation: 'nowhere' });
  expect(command).not.toHaveProperty('enterprise_id');
});
