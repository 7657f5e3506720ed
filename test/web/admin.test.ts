import { askForLink, pressSignIn, signIn, signInBy, toText, visit } from '../support/admin';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';

const MINUTE_MS = 60_000;
const REMIND = 'reminders:write:user';

describe.each(eitherDatabase)('the way into the admin page, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database });
  });
  afterEach(() => harness.close());

  it('is a private link under /permissions log, good once: looking at it does not use it up', async () => {
    const link = await askForLink(harness, harness.ada);
    // What stands behind the # is sent to nobody: no proxy logs it, and whatever looks links up uses nothing up.
    expect(link).toMatch(new RegExp(`^http://localhost:${harness.app.port}/admin/enter#[\\w-]{43}$`));
    const secret = new URL(link).hash.slice(1);
    const look = () => visit(harness, '/admin/enter', { method: 'POST', form: { link: secret, look: '1' } });
    for (let count = 0; count < 3; count += 1) {
      expect((await visit(harness, '/admin/enter')).status).toBe(200);
      const whose = await look();
      expect(whose.status).toBe(200);
      expect(toText(whose.text)).toContain('This link is for U0ADA , and good once.');
      expect(whose.text).not.toContain(secret);
    }
    const cookie = await signInBy(harness, link);
    expect((await visit(harness, '/admin/log', { cookie })).status).toBe(200);
    const again = await pressSignIn(harness, link);
    expect(again).toMatchObject({ status: 410, text: expect.stringContaining('used already') });
    expect((await look()).status).toBe(410);
  });

  it('leaves the link good where the database fails before somebody is signed in', async () => {
    const link = await askForLink(harness, harness.ada);
    await harness.database.run('alter table admin_sessions rename to admin_sessions_away');
    expect((await pressSignIn(harness, link)).status).toBe(500);
    await harness.database.run('alter table admin_sessions_away rename to admin_sessions');
    const cookie = await signInBy(harness, link);
    expect((await visit(harness, '/admin/log', { cookie })).status).toBe(200);
  });

  it('is for admins: others get neither link nor page', async () => {
    await harness.ben.runCommand('/permissions', 'log');
    await harness.settled();
    expect(() => harness.ben.link('Open the grant log in your browser')).toThrow();
    const links = await harness.database.run('select * from admin_links');
    expect(links).toEqual([]);
  });

  it('shows what was asked and answered', async () => {
    const cookie = await signIn(harness, harness.ada);
    await harness.ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    await harness.ben.allow();
    await harness.settled();
    const page = await visit(harness, '/admin/log', { cookie });
    expect(toText(page.text)).toMatch(/U0BEN ✓ Granted reminders:write:user.*U0BEN → Requested/);
    for (const path of ['now', 'user?id=U0BEN', `scope?name=${REMIND}`, 'picture', 'sync', 'entry?seq=1']) {
      const other = await visit(harness, `/admin/${path}`, { cookie });
      expect({ path, status: other.status }).toEqual({ path, status: 200 });
      expect(toText(other.text)).toContain(
        path === 'sync' ? 'There was no sweep yet' : path === 'picture' ? '1 granted' : 'U0BEN',
      );
    }
  });

  it('ends when nothing was done for half an hour, restarts or not', async () => {
    const cookie = await signIn(harness, harness.ada);
    // A restart is nothing to a session; a clock that ticks through an hour and a half takes long.
    await harness.restart(29 * MINUTE_MS);
    expect((await visit(harness, '/admin/log', { cookie })).status).toBe(200);
    await harness.restart(29 * MINUTE_MS);
    expect((await visit(harness, '/admin/log', { cookie })).status).toBe(200);
    await harness.restart(30 * MINUTE_MS);
    const over = await visit(harness, '/admin/log', { cookie });
    expect(over.status).toBe(401);
    expect(toText(over.text)).toContain('Type /permissions log in Slack');
  });
});
