import { WebClient } from '@slack/web-api';
import { methods } from '../api/methods';
import { startWorld, type World } from './support/world';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const VIEW = { type: 'modal' as const, title: plain('Title'), blocks: [{ type: 'divider' as const }] };
const REQUEST = 'apps.permissions.users.request';

let world: World;
let client: WebClient;
beforeEach(async () => {
  world = await startWorld();
  client = new WebClient(world.sandbox.botToken, {
    slackApiUrl: world.sandbox.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
});
afterEach(() => world.close());

/** Slack's own client against each method; the names are checked against the list of methods below. */
const uses: Record<string, () => Promise<void>> = {
  'api.test': async () => {
    expect(await client.api.test()).toMatchObject({ ok: true });
    await expect(client.api.test({ error: 'my_error' })).rejects.toMatchObject({
      data: { error: 'my_error' },
    });
  },
  'apps.connections.open': async () => {
    const { appToken, apiUrl } = world.sandbox;
    const answer = await new WebClient(appToken, { slackApiUrl: apiUrl }).apps.connections.open();
    expect(answer.url).toMatch(/^ws:/);
  },
  'apps.permissions.users.list': async () => {
    world.sandbox.grantDirectly('U0BEN', ['chat:write']);
    const answer = await client.apiCall('apps.permissions.users.list', { limit: 200 });
    expect(answer).toMatchObject({ resources: [{ id: 'U0BEN', scopes: ['chat:write'] }] });
    const pages: unknown[] = [];
    world.sandbox.grantDirectly('U0CLEO', ['chat:write']);
    for await (const page of client.paginate('apps.permissions.users.list', { limit: 1 })) {
      pages.push((page as { resources?: unknown }).resources);
    }
    expect(pages).toMatchObject([[{ id: 'U0BEN' }], [{ id: 'U0CLEO' }]]);
  },
  'apps.permissions.users.request': async () => {
    const args = { scopes: 'chat:write', user: 'U0BEN', trigger_id: await world.freshTrigger() };
    expect(await client.apiCall(REQUEST, args)).toMatchObject({ ok: true });
    expect(world.sandbox.as('U0BEN').prompt()?.scopes).toEqual(['chat:write']);
    expect(world.sandbox.callsTo(REQUEST)[0]?.contentType).toBe('application/x-www-form-urlencoded');
  },
  'auth.revoke': async () => {
    expect(await client.auth.revoke({ test: true })).toMatchObject({ ok: true, revoked: false });
    expect(await client.auth.revoke()).toMatchObject({ ok: true, revoked: true });
    await expect(client.auth.test()).rejects.toMatchObject({ data: { error: 'token_revoked' } });
  },
  'auth.teams.list': async () => {
    expect((await client.auth.teams.list()).teams).toEqual([{ id: 'T0SANDBOX', name: 'Sandbox' }]);
  },
  'auth.test': async () => {
    const answer = await client.auth.test();
    expect(answer).toMatchObject({ user_id: 'U0APP', bot_id: 'B0APP', team_id: 'T0SANDBOX' });
    expect(answer.response_metadata?.scopes).toContain('commands');
  },
  'chat.delete': async () => {
    const { ts = '' } = await client.chat.postMessage({ channel: 'D0BEN', text: 'x' });
    await client.chat.delete({ channel: 'D0BEN', ts });
    expect(world.sandbox.as('U0BEN').messages()).toEqual([]);
  },
  'chat.postEphemeral': async () => {
    await client.chat.postEphemeral({ channel: 'C0GENERAL', user: 'U0BEN', text: 'psst' });
    expect(world.sandbox.as('U0BEN').lastMessage()).toMatchObject({ text: 'psst', ephemeral: true });
  },
  'chat.postMessage': async () => {
    const blocks = [{ type: 'section' as const, text: plain('In a block') }];
    const answer = await client.chat.postMessage({ channel: 'U0BEN', text: 'x', blocks });
    expect(answer.channel).toBe('D0BEN');
    expect(world.sandbox.as('U0BEN').lastMessage()?.plain).toBe('In a block');
  },
  'chat.update': async () => {
    const { ts = '' } = await client.chat.postMessage({ channel: 'D0BEN', text: 'x' });
    await client.chat.update({ channel: 'D0BEN', ts, text: 'y' });
    expect(world.sandbox.as('U0BEN').lastMessage()?.text).toBe('y');
  },
  'conversations.open': async () => {
    expect((await client.conversations.open({ users: 'U0BEN' })).channel?.id).toBe('D0BEN');
  },
  'dialog.open': async () => {
    const dialog = {
      callback_id: 'form',
      title: 'Title',
      elements: [{ type: 'text' as const, label: 'Why', name: 'why' }],
    };
    await client.dialog.open({ trigger_id: await world.freshTrigger(), dialog });
    expect(world.sandbox.as('U0BEN').surface()).toMatchObject({ kind: 'dialog', fields: ['Why'] });
  },
  'oauth.v2.access': async () => {
    const { clientId: client_id, clientSecret: client_secret } = world.sandbox;
    const asked = client.oauth.v2.access({ client_id, client_secret, code: 'nonsense' });
    await expect(asked).rejects.toMatchObject({ data: { error: 'invalid_code' } });
  },
  'users.info': async () => {
    expect((await client.users.info({ user: 'U0ADA' })).user).toMatchObject({ id: 'U0ADA', is_admin: true });
  },
  'views.open': async () => {
    await client.views.open({ trigger_id: await world.freshTrigger(), view: VIEW });
    expect(world.sandbox.as('U0BEN').surface()?.title).toBe('Title');
  },
  'views.publish': async () => {
    const answer = await client.views.publish({ user_id: 'U0BEN', view: { type: 'home', blocks: [] } });
    expect(answer.view?.type).toBe('home');
  },
  'views.push': async () => {
    await client.views.open({ trigger_id: await world.freshTrigger(), view: VIEW });
    await client.views.push({
      trigger_id: await world.freshTrigger(),
      view: { ...VIEW, title: plain('On top') },
    });
    expect(world.sandbox.as('U0BEN').surface()?.title).toBe('On top');
  },
  'views.update': async () => {
    const { view } = await client.views.open({ trigger_id: await world.freshTrigger(), view: VIEW });
    await client.views.update({ view_id: view?.id ?? '', view: { ...VIEW, title: plain('Changed') } });
    expect(world.sandbox.as('U0BEN').surface()?.title).toBe('Changed');
  },
};

test.each(Object.keys(uses))('the official client and %s understand each other', async (method) => {
  await uses[method]?.();
  expect(world.sandbox.callsTo(method).length).toBeGreaterThan(0);
});

test('no method is left out', () => {
  expect(Object.keys(uses).sort()).toEqual([...methods.keys()].sort());
});

test('it understands refusals', async () => {
  await expect(client.apiCall(REQUEST, { user: 'U0NOBODY' })).rejects.toMatchObject({
    code: 'slack_webapi_platform_error',
    data: { ok: false, error: 'invalid_user' },
  });
  await expect(client.views.open({ trigger_id: '1.2.3', view: VIEW })).rejects.toMatchObject({
    data: { error: 'invalid_trigger_id' },
  });
});

test('it understands the rate limit', async () => {
  for (let call = 0; call < 20; call += 1) await client.apiCall('apps.permissions.users.list');
  await expect(client.apiCall('apps.permissions.users.list')).rejects.toMatchObject({
    code: 'slack_webapi_rate_limited_error',
    retryAfter: 3,
  });
});
