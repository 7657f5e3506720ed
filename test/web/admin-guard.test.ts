import { createHash } from 'node:crypto';
import { askForLink, pressSignIn, signIn, signInBy, toText, visit } from '../support/admin';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness, transports } from '../support/harness';
import { consent, install } from '../support/oauth';
import { until } from '../support/until';

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
const REMIND = 'reminders:write:user';
const SECOND = { teamId: 'T0SECOND' };
const PAGES = [
  'log',
  'log/export?format=csv',
  'entry?seq=1',
  'now',
  'user?id=U0BEN',
  `scope?name=${REMIND}`,
  'picture',
  'sync',
  'access',
];

const isAdmin = (is: boolean) => ({ body: { ok: true, user: { id: 'U0ADA', is_admin: is, is_owner: is } } });

describe.each(eitherDatabase)('who may see the admin page, on %s', (database) => {
  let harness: Harness;
  afterEach(() => harness.close());

  const status = async (path: string, cookie: string) =>
    (await visit(harness, `/admin/${path}`, { cookie })).status;

  it('nobody without a session, and nobody with a forged one', async () => {
    harness = await startHarness({}, { database });
    const cookie = await signIn(harness, harness.ada);
    const [name, value = ''] = cookie.split('=');
    const [id, signature] = value.split('.');
    const forged = [
      '',
      `${id}`,
      `${id}.`,
      `${id}.${signature}x`,
      `x${id}.${signature}`,
      `.${signature}`,
      `${id}.${signature}.${id}`,
    ];
    for (const path of PAGES) {
      expect({ path, status: (await visit(harness, `/admin/${path}`)).status }).toEqual({
        path,
        status: 401,
      });
    }
    for (const one of forged)
      expect({ one, status: await status('log', `${name}=${one}`) }).toEqual({ one, status: 401 });
    expect(
      (await visit(harness, '/admin/sync', { method: 'POST', form: { team: 'T0SANDBOX' } })).status,
    ).toBe(401);
    expect(await status('log', cookie)).toBe(200);
  });

  it('keeps neither the token nor the session in clear, and writes none of them to its log', async () => {
    harness = await startHarness({}, { database });
    const link = await askForLink(harness, harness.ada);
    const token = new URL(link).hash.slice(1);
    const cookie = await signInBy(harness, link);
    const id = cookie.split('=')[1]?.split('.')[0] ?? '';
    const stored = JSON.stringify([
      await harness.database.run('select * from admin_links'),
      await harness.database.run('select * from admin_sessions'),
    ]);
    const toHash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(stored).toContain(toHash(token));
    expect(stored).toContain(toHash(id));
    for (const secret of [token, id]) {
      expect(stored).not.toContain(secret);
      expect(harness.lines.join('')).not.toContain(secret);
      expect((await visit(harness, '/admin/log', { cookie })).text).not.toContain(secret);
    }
  });

  it('nobody by a link that is over five minutes old', async () => {
    harness = await startHarness({}, { database });
    const link = await askForLink(harness, harness.ada);
    await harness.clock.advance(5 * MINUTE_MS, MINUTE_MS);
    const late = await pressSignIn(harness, link);
    expect(late).toMatchObject({ status: 410, text: expect.stringContaining('has expired') });
    expect(late.headers['set-cookie']).toBeUndefined();
    const unknown = ['nonsense', '', '#', 'x'.repeat(100_000)];
    for (const nonsense of unknown) {
      const form = { link: nonsense };
      const refused = await visit(harness, '/admin/enter', { method: 'POST', form });
      expect(refused).toMatchObject({ status: 410, text: expect.stringContaining('not known') });
    }
  });

  it('one of two who use the same link at once', async () => {
    harness = await startHarness({}, { database });
    const link = await askForLink(harness, harness.ada);
    const all = await Promise.all(Array.from({ length: 8 }, () => pressSignIn(harness, link)));
    expect(all.map((one) => one.status).sort()).toEqual([303, ...Array(7).fill(410)]);
  });

  it('no longer who has lost the role, within a minute; through a short silence of Slack, who was an admin', async () => {
    harness = await startHarness({}, { database });
    const { faults } = harness.slack;
    const cookie = await signIn(harness, harness.ada);
    faults.answerAlways('users.info', { body: { ok: false, error: 'internal_error' } });
    await harness.clock.advance(4 * MINUTE_MS, MINUTE_MS);
    expect(await status('log', cookie)).toBe(200);
    await harness.clock.advance(MINUTE_MS + SECOND_MS, 10 * SECOND_MS);
    const silent = await visit(harness, '/admin/log', { cookie });
    expect(silent).toMatchObject({ status: 503, text: expect.stringContaining('Slack does not answer') });
    expect(toText(silent.text)).not.toContain('U0ADA');

    faults.answerAlways('users.info', isAdmin(true));
    await harness.clock.advance(MINUTE_MS);
    expect(await status('log', cookie)).toBe(200);
    faults.answerAlways('users.info', isAdmin(false));
    expect(await status('log', cookie)).toBe(200);
    await harness.clock.advance(MINUTE_MS);
    for (const path of PAGES) expect(await status(path, cookie)).toBe(path === PAGES[0] ? 403 : 401);
    expect(await harness.database.run('select * from admin_sessions')).toEqual([]);
  });

  it('is asked of Slack once a minute, however many pages are opened', async () => {
    harness = await startHarness({}, { database });
    const cookie = await signIn(harness, harness.ada);
    const before = harness.slack.callsTo('users.info').length;
    await harness.clock.advance(MINUTE_MS);
    await Promise.all(PAGES.map((path) => status(path, cookie)));
    await Promise.all(PAGES.map((path) => status(path, cookie)));
    expect(harness.slack.callsTo('users.info').length).toBe(before + 1);
  });

  if (database === 'postgres') {
    it('takes twenty requests of a session at once, and no more', async () => {
      harness = await startHarness({}, { database });
      const cookie = await signIn(harness, harness.ada);
      const lock = await harness.database.lockReaders();
      const answers: number[] = [];
      const all = Array.from({ length: 30 }, () => status('log', cookie).then((one) => answers.push(one)));
      await until(() => answers.length === 10);
      expect(answers).toEqual(Array(10).fill(429));
      await lock.release();
      await Promise.all(all);
      expect(answers.slice(10)).toEqual(Array(20).fill(200));
      expect(await status('log', cookie)).toBe(200);
    });
  }

  it('signs out, and only by a button of its own page', async () => {
    harness = await startHarness({}, { database });
    const cookie = await signIn(harness, harness.ada);
    const from = (origin: string | undefined) =>
      visit(harness, '/admin/sign-out', { method: 'POST', cookie, origin });
    for (const origin of ['https://evil.example', 'null', undefined])
      expect((await from(origin)).status).toBe(403);
    expect(await status('log', cookie)).toBe(200);
    const done = await from(harness.url(''));
    expect(done.status).toBe(303);
    expect(String(done.headers['set-cookie'])).toMatch(
      /scopekeeper_admin=; Path=\/admin; HttpOnly; SameSite=Lax; Max-Age=0/,
    );
    expect(await status('log', cookie)).toBe(401);
  });

  it.each(transports)(
    'sees their own workspace and no other, whatever the address says, by %s',
    async (transport) => {
      const sandbox = { isInstalled: false };
      harness = await startHarness({}, { database, oauth: true, transport, sandbox });
      const { slack, ada, ben } = harness;
      await install(harness, ada);
      await install(harness, slack.as('U0DORA', SECOND), SECOND);
      await consent(harness, ben, REMIND);
      const dora = await signIn(harness, slack.as('U0DORA', SECOND));
      for (const path of [
        ...PAGES,
        'log?team=T0SANDBOX',
        'log?user=U0BEN',
        'user?id=U0BEN&team=T0SANDBOX',
        'now?team=T0SANDBOX',
        'log/export?format=jsonl&team=T0SANDBOX',
        'picture?team=T0SANDBOX',
      ]) {
        const page = await visit(harness, `/admin/${path}`, { cookie: dora });
        // What was asked for stands in the page again; nothing of what is there does.
        expect({ path, text: page.text }).toEqual({
          path,
          text: expect.not.stringMatching(/class="badge|1 granted|"event":"granted"|id="entry-/),
        });
      }
      await visit(harness, '/admin/sync', { method: 'POST', cookie: dora, form: { team: 'T0SANDBOX' } });
      await harness.settled();
      expect(await harness.database.run('select * from sweeps')).toEqual([]);
      const adas = await signIn(harness, ada);
      expect(toText((await visit(harness, '/admin/log', { cookie: adas })).text)).toContain('✓ Granted');
    },
  );

  it('sees all workspaces of the organisation where the app is installed in all of it', async () => {
    const sandbox = { isInstalled: false, isEnterprise: true };
    harness = await startHarness({}, { database, oauth: true, sandbox });
    const { slack, ada, ben } = harness;
    await install(harness, ada, { orgWide: true });
    await consent(harness, ben, REMIND);
    const cookie = await signIn(harness, slack.as('U0DORA', SECOND));
    const page = await visit(harness, '/admin/log', { cookie });
    expect(toText(page.text)).toMatch(/T0SANDBOX U0BEN ✓ Granted/);
    expect(await status('log?team=T0SANDBOX', cookie)).toBe(200);
    expect(await status('log?team=T0OTHER', cookie)).toBe(400);
    // The app leaves the organisation: its token is gone, and with it what can be seen of others.
    await harness.database.run('delete from bot_installations');
    await harness.clock.advance(30 * SECOND_MS);
    expect(toText((await visit(harness, '/admin/log', { cookie })).text)).not.toContain('U0BEN');
  });
});

describe('the cookie and the link', () => {
  let harness: Harness;
  afterEach(() => harness.close());

  it('are for https alone where the address is, or a proxy says that it is', async () => {
    harness = await startHarness({ PUBLIC_URL: 'https://scopekeeper.example.com/' });
    const link = await askForLink(harness, harness.ada);
    expect(link).toMatch(/^https:\/\/scopekeeper\.example\.com\/admin\/enter#/);
    const origin = 'https://scopekeeper.example.com';
    const done = await pressSignIn(harness, link, { origin });
    const set = String(done.headers['set-cookie']);
    expect(set).toMatch(/^__Host-scopekeeper_admin=[\w-]+\.[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    const cookie = set.split(';')[0] ?? '';
    expect((await visit(harness, '/admin/log', { cookie })).status).toBe(200);
    // By the other name anybody under the same domain can give it to a browser.
    const planted = cookie.replace('__Host-', '');
    expect((await visit(harness, '/admin/log', { cookie: planted })).status).toBe(401);
    const out = await visit(harness, '/admin/sign-out', { method: 'POST', cookie, origin });
    expect(out.headers['set-cookie']).toMatch(/^__Host-scopekeeper_admin=; Path=\/; Secure; .*Max-Age=0$/);
  });

  it('are good by http on this machine', async () => {
    harness = await startHarness();
    const headers = { 'x-forwarded-proto': 'https' };
    const done = await pressSignIn(harness, await askForLink(harness, harness.ada), { headers });
    expect(String(done.headers['set-cookie'])).toMatch(/^__Host-.*; Secure/);
    const other = await pressSignIn(harness, await askForLink(harness, harness.ada));
    expect(String(other.headers['set-cookie'])).not.toMatch(/__Host-|Secure/);
  });

  it('every page has a policy without exceptions, and is kept by nobody', async () => {
    harness = await startHarness();
    const cookie = await signIn(harness, harness.ada);
    for (const path of [...PAGES, 'enter', 'signed-out', 'log?event=x']) {
      const { headers } = await visit(harness, `/admin/${path}`, { cookie });
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'/,
      );
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('lasts over a restart of the app', async () => {
    harness = await startHarness();
    const cookie = await signIn(harness, harness.ada);
    await harness.restart();
    expect((await visit(harness, '/admin/log', { cookie })).status).toBe(200);
  });
});

describe('in an organisation', () => {
  let harness: Harness;
  afterEach(() => harness.close());

  const GRID = { isInstalled: false, isEnterprise: true };
  const seen = async (cookie: string) =>
    toText((await visit(harness, '/admin/log/export?format=csv', { cookie })).text);
  const user = (fields: object) => ({
    body: { ok: true, user: { id: 'U0ADA', team_id: 'T0SANDBOX', is_admin: true, ...fields } },
  });

  async function grantInBoth(): Promise<void> {
    harness = await startHarness({}, { oauth: true, sandbox: GRID });
    await install(harness, harness.ada, { orgWide: true });
    await consent(harness, harness.ben, REMIND);
    await consent(harness, harness.slack.as('U0BEN', SECOND), REMIND);
  }

  it('an admin of one workspace sees that one, an admin of the organisation all of them', async () => {
    await grantInBoth();
    const account = harness.slack.users.find(({ id }) => id === 'U0ADA');
    if (account !== undefined) account.isOrgAdmin = false;
    const workspaceAdas = await signIn(harness, harness.ada);
    expect(await seen(workspaceAdas)).toContain('T0SANDBOX');
    expect(await seen(workspaceAdas)).not.toContain('T0SECOND');
    if (account !== undefined) account.isOrgAdmin = true;
    const ada = await signIn(harness, harness.ada);
    expect(await seen(ada)).toContain('T0SECOND');
    expect(await seen(ada)).toContain('T0SANDBOX');
  });

  it('a workspace that has left is no longer the organisation’s', async () => {
    await grantInBoth();
    const ada = await signIn(harness, harness.ada);
    expect(await seen(ada)).toContain('T0SECOND');
    const event = { type: 'app_home_opened', user: 'U0BEN', channel: 'D2BEN', tab: 'messages' };
    const authorizations = [{ enterprise_id: null, team_id: 'T0SECOND', is_enterprise_install: false }];
    const envelope = { enterprise_id: undefined, context_enterprise_id: undefined, authorizations };
    await harness.slack.sendEvent(event, { ...SECOND, envelope });
    await harness.settled();
    await harness.clock.advance(MINUTE_MS);
    expect(await seen(ada)).not.toContain('T0SECOND');
    expect(await seen(ada)).toContain('T0SANDBOX');
  });

  it('who was made less than an admin of the organisation sees less of it within a minute', async () => {
    await grantInBoth();
    const ada = await signIn(harness, harness.ada);
    harness.slack.faults.answerAlways(
      'users.info',
      user({ enterprise_user: { enterprise_id: 'E0SANDBOX', is_admin: false, teams: ['T0SANDBOX'] } }),
    );
    await harness.clock.advance(MINUTE_MS);
    expect(await seen(ada)).not.toContain('T0SECOND');
    expect(await seen(ada)).toContain('T0SANDBOX');
  });
});

describe('nobody is an admin who', () => {
  let harness: Harness;
  afterEach(() => harness.close());

  it.each([
    ['is a visitor', { team_id: 'T0C', is_admin: true, is_stranger: true }],
    ['is of another team', { team_id: 'T0C', is_admin: true, is_owner: true }],
    [
      'is of another organisation',
      {
        team_id: 'T0C',
        is_admin: true,
        enterprise_user: { enterprise_id: 'E0C', is_admin: true, teams: ['T0C'] },
      },
    ],
    ['is deleted', { team_id: 'T0SANDBOX', is_admin: true, deleted: true }],
    ['is a bot', { team_id: 'T0SANDBOX', is_admin: true, is_bot: true }],
  ])('%s, whatever is_admin says', async (_who, fields) => {
    harness = await startHarness();
    harness.slack.faults.answerAlways('users.info', { body: { ok: true, user: { id: 'U0ADA', ...fields } } });
    await harness.ada.runCommand('/permissions', 'log');
    await harness.settled();
    expect(harness.ada.lastMessage()?.plain).toContain('for the admins of this workspace');
  });

  it('has lost the role since the link was made: Slack is asked again when it is used', async () => {
    harness = await startHarness();
    const link = await askForLink(harness, harness.ada);
    harness.slack.faults.answerNext('users.info', { body: { ok: false, error: 'internal_error' } });
    expect((await pressSignIn(harness, link)).status).toBe(503);
    harness.slack.faults.answerAlways('users.info', isAdmin(false));
    const refused = await pressSignIn(harness, link);
    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('no longer an admin') });
    expect(refused.headers['set-cookie']).toBeUndefined();
    expect(await harness.database.run('select * from admin_sessions')).toEqual([]);
  });
});

describe('ADMIN_USER_IDS', () => {
  let harness: Harness;
  afterEach(() => harness.close());

  const isShownLog = async (teamId: string) => {
    const cleo = harness.slack.as('U0CLEO', { teamId });
    await cleo.runCommand('/permissions', 'log');
    await harness.settled();
    return cleo.lastMessage()?.plain.includes('for the admins of this workspace') === false;
  };

  it('names somebody in one workspace, not whoever has the same id in another', async () => {
    harness = await startHarness(
      { ADMIN_USER_IDS: 'T0SECOND:U0CLEO' },
      { oauth: true, sandbox: { isInstalled: false } },
    );
    await install(harness, harness.ada);
    await install(harness, harness.ada, SECOND);
    expect(await isShownLog('T0SECOND')).toBe(true);
    expect(await isShownLog('T0SANDBOX')).toBe(false);
  });

  it('counts by a bare id in the workspace of SLACK_BOT_TOKEN, and nowhere where workspaces install the app', async () => {
    harness = await startHarness({ ADMIN_USER_IDS: 'U0CLEO' });
    expect(await isShownLog('T0SANDBOX')).toBe(true);
    expect(harness.slack.callsTo('users.info')).toEqual([]);
    await harness.close();
    harness = await startHarness(
      { ADMIN_USER_IDS: 'U0CLEO' },
      { oauth: true, sandbox: { isInstalled: false } },
    );
    await install(harness, harness.ada);
    expect(await isShownLog('T0SANDBOX')).toBe(false);
    expect(harness.lines.join('')).toContain('ADMIN_USER_IDS');
  });
});
