import { request } from 'undici';
import { askForLink, pressSignIn, signIn, signInBy, toText, visit } from '../support/admin';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { install } from '../support/oauth';
import { until } from '../support/until';

const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

describe.each(eitherDatabase)('the access log, on %s', (database) => {
  let harness: Harness;
  afterEach(() => harness.close());

  async function list(): Promise<string[]> {
    const rows = await harness.database.run('select user_id, event, detail from access_log order by seq');
    return (rows as { user_id: string; event: string; detail: string | null }[]).map(
      ({ user_id, event, detail }) => [user_id, event, ...(detail === null ? [] : [detail])].join(' '),
    );
  }

  it('has links, sign-ins, sign-outs, refusals, exports and syncs, for admins to read', async () => {
    harness = await startHarness({}, { database });
    const { ada, ben } = harness;
    await ben.runCommand('/permissions', 'log');
    await harness.settled();
    const link = await askForLink(harness, ada);
    const cookie = await signInBy(harness, link);
    await pressSignIn(harness, link);
    // Whoever tries again and again writes one entry a minute.
    await pressSignIn(harness, link);
    await visit(harness, '/admin/log/export?format=jsonl&event=granted', { cookie });
    const faulty = await visit(harness, '/admin/log/export?format=jsonl&event=nonsense', { cookie });
    expect(faulty.status).toBe(400);
    await visit(harness, '/admin/sync', { method: 'POST', cookie, form: { team: 'T0SANDBOX' } });
    await ada.runCommand('/permissions', 'sync');
    await harness.settled();
    await visit(harness, '/admin/sign-out', { method: 'POST', cookie });
    const late = await askForLink(harness, ada);
    await harness.clock.advance(5 * MINUTE_MS, MINUTE_MS);
    await pressSignIn(harness, late);
    expect(await list()).toEqual([
      'U0BEN refused The grant log: no admin',
      'U0ADA link_made',
      'U0ADA signed_in',
      'U0ADA refused the link was used already',
      'U0ADA exported jsonl?event=granted',
      'U0ADA sync_pressed T0SANDBOX',
      'U0ADA sync_pressed',
      'U0ADA signed_out',
      'U0ADA link_made',
      'U0ADA refused the link had expired',
    ]);
    const page = await visit(harness, '/admin/access', { cookie: await signIn(harness, ada) });
    expect(page.status).toBe(200);
    expect(toText(page.text)).toMatch(
      /U0ADA Signed out .* U0ADA Sync begun T0SANDBOX .* U0ADA Exported jsonl\?event=granted .* U0BEN Refused/,
    );
  });

  it('has that a session ended because its admin no longer was one', async () => {
    harness = await startHarness({}, { database });
    const cookie = await signIn(harness, harness.ada);
    const user = { id: 'U0ADA', is_admin: false, is_owner: false };
    harness.slack.faults.answerAlways('users.info', { body: { ok: true, user } });
    await harness.clock.advance(MINUTE_MS);
    expect((await visit(harness, '/admin/log', { cookie })).status).toBe(403);
    expect((await list()).at(-1)).toBe('U0ADA refused no longer an admin');
  });

  it('is turned page by page, and keeps RETENTION_DAYS', async () => {
    harness = await startHarness({ RETENTION_DAYS: '2' }, { database });
    const at = new Date(harness.clock.now()).toISOString();
    const entries = Array.from(
      { length: 60 },
      (_, index) => `('${at}', 'T0SANDBOX', 'U${index + 1}', 'link_made')`,
    );
    await harness.database.run(
      `insert into access_log (at, team_id, user_id, event) values ${entries.join(',')}`,
    );
    const cookie = await signIn(harness, harness.ada);
    const users = async (path: string) => {
      const { text } = await visit(harness, path, { cookie });
      return [...text.matchAll(/<bdi[^>]*>U(\d+)<\/bdi><\/a>/g)].map((found) => Number(found[1]));
    };
    const first = await users('/admin/access');
    expect(first).toEqual(Array.from({ length: 48 }, (_, index) => 60 - index));
    expect(await users('/admin/access?before=13')).toEqual(Array.from({ length: 12 }, (_, i) => 12 - i));
    await harness.restart(3 * DAY_MS);
    await harness.clock.advance(MINUTE_MS);
    await harness.settled();
    expect(await list()).toEqual([]);
  });
});

describe.each(eitherDatabase)('the sessions of an admin, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database });
  });
  afterEach(() => harness.close());

  const status = async (cookie: string) => (await visit(harness, '/admin/log', { cookie })).status;
  const keysOn = (text: string) => [...text.matchAll(/name="session" value="(\w+)"/g)].map(([, key]) => key);

  it('stand in one place, each with a button that ends it there', async () => {
    const here = await signIn(harness, harness.ada);
    const there = await signIn(harness, harness.ada);
    const page = await visit(harness, '/admin/access', { cookie: here });
    expect(toText(page.text)).toContain('This browser: sign out above');
    const [key = ''] = keysOn(page.text);
    expect(keysOn(page.text)).toHaveLength(1);
    const end = (form: Record<string, string>, cookie: string, origin = harness.url('')) =>
      visit(harness, '/admin/access/end', { method: 'POST', cookie, form, origin });
    expect((await end({ session: key }, here, 'https://evil.example')).status).toBe(403);
    expect((await end({ session: 'nonsense' }, here)).status).toBe(303);
    expect([await status(here), await status(there)]).toEqual([200, 200]);
    expect((await end({ session: key }, here)).status).toBe(303);
    expect([await status(here), await status(there)]).toEqual([200, 401]);
    const log = toText((await visit(harness, '/admin/access', { cookie: here })).text);
    expect(log).toContain('Signed out from another page');
  });

  it('are ten at most: of more, those that were used last go on', async () => {
    const cookies: string[] = [];
    for (let count = 0; count < 11; count += 1) {
      cookies.push(await signIn(harness, harness.ada));
      await harness.clock.advance(1_000);
    }
    expect(await status(cookies[0] ?? '')).toBe(401);
    expect(await status(cookies[1] ?? '')).toBe(200);
  });

  it('count for nothing where a clock that was wrong put them ahead', async () => {
    const cookie = await signIn(harness, harness.ada);
    const ahead = harness.clock.now() + 60 * DAY_MS;
    await harness.database.run(
      `update admin_sessions set seen_at_ms = ${ahead}, begun_at = '${new Date(ahead).toISOString()}'`,
    );
    expect(await status(cookie)).toBe(401);
    const link = await askForLink(harness, harness.ada);
    await harness.database.run(`update admin_links set expires_at_ms = ${ahead}`);
    expect((await pressSignIn(harness, link)).status).toBe(410);
  });

  it('have one export at a time, which ends with them', async () => {
    const entries = Array.from(
      { length: 400 },
      (_, index) =>
        `('2026-01-01T00:00:00.000Z', 'T0SANDBOX', 'U${index + 1}', 'requested', '[]', 'app', '${'x'.repeat(100_000)}')`,
    );
    for (let from = 0; from < entries.length; from += 40) {
      await harness.database.run(
        `insert into grant_log (at, team_id, user_id, event, scopes, source, reason) values ${entries.slice(from, from + 40).join(',')}`,
      );
    }
    const cookie = await signIn(harness, harness.ada);
    const url = harness.url('/admin/log/export?format=jsonl');
    // Its reader takes nothing for now.
    const first = await request(url, { headers: { cookie } });
    const second = await visit(harness, '/admin/log/export?format=csv', { cookie });
    expect(second).toMatchObject({ status: 429, text: expect.stringContaining('An export is under way') });
    await visit(harness, '/admin/sign-out', { method: 'POST', cookie });
    let isBroken = false;
    first.body.on('error', () => (isBroken = true)).resume();
    await until(() => isBroken);
  });
});

it('the sessions and the access log of another workspace are nobody’s to end or to read', async () => {
  const harness = await startHarness({}, { oauth: true, sandbox: { isInstalled: false } });
  const { slack, ada } = harness;
  const second = { teamId: 'T0SECOND' };
  await install(harness, ada);
  await install(harness, slack.as('U0DORA', second), second);
  const adas = await signIn(harness, ada);
  const doras = await signIn(harness, slack.as('U0DORA', second));
  const [row] = await harness.database.run(`select id_hash from admin_sessions where user_id = 'U0ADA'`);
  const form = { session: (row as { id_hash: string }).id_hash };
  await visit(harness, '/admin/access/end', { method: 'POST', cookie: doras, form });
  expect((await visit(harness, '/admin/log', { cookie: adas })).status).toBe(200);
  const { text } = await visit(harness, '/admin/access', { cookie: doras });
  expect(text).not.toContain('U0ADA');
  await harness.close();
});
