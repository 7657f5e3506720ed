import type { Browser, BrowserContext, Page } from 'playwright-core';
import { askForLink } from '../support/admin';
import { findFaults, openBrowser } from '../support/browser';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const SECOND_MS = 1_000;
const PATHS = [
  'log',
  'log?event=granted&q=stand',
  'log?event=nonsense&since=31.2.',
  'now',
  'user?id=U0BEN',
  `scope?name=${REMIND}`,
  'picture',
  'sync',
  'access',
  'entry?seq=1',
];

jest.setTimeout(90_000);

describe('the admin page in a browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let harness: Harness;
  let isTicking: boolean;
  let complaints: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    harness = await startHarness();
    isTicking = true;
    void tick();
  });
  afterEach(async () => {
    await context.close();
    isTicking = false;
    await harness.close();
  });

  /** The browser has its own clock; the app's goes along with it. */
  async function tick(): Promise<void> {
    while (isTicking) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await harness.clock.advance(100);
    }
  }

  async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
    context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Asia/Tokyo', ...options });
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
  }

  async function signIn(): Promise<void> {
    await page.goto(await askForLink(harness, harness.ada));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Grant log' }).waitFor();
  }

  async function grant(scope = REMIND): Promise<void> {
    await harness.ben.runCommand('/permissions', `request ${scope}`);
    await harness.settled();
    await harness.ben.allow();
    await harness.settled();
  }

  const at = (path: string) => new URL(`/admin/${path}`, page.url()).href;
  const rows = () => page.locator('tr.entry');

  it('shows new entries by themselves within a second, in the reader’s own zone', async () => {
    await open();
    await signIn();
    await page.locator('#live-state.on').waitFor();
    // From here on the app's time stands still, but for the second that it has.
    isTicking = false;
    await grant();
    await harness.clock.advance(SECOND_MS);
    await until(async () => (await rows().count()) === 2);
    expect(await rows().first().textContent()).toMatch(/Granted[\s\S]*reminders:write:user/);
    const time = rows().first().locator('time');
    const expected = new Intl.DateTimeFormat('en-GB', {
      dateStyle: 'medium',
      timeStyle: 'medium',
      timeZone: 'Asia/Tokyo',
    }).format(new Date(String(await time.getAttribute('datetime'))));
    expect(await time.textContent()).toBe(expected);
    expect(complaints).toEqual([]);
  });

  it('shows what another instance recorded', async () => {
    await open();
    await signIn();
    await page.locator('#live-state.on').waitFor();
    const other = await harness.startAnother();
    await grant();
    await until(async () => (await rows().count()) === 2);
    await other.stop();
  });

  it('leaves a reader who has scrolled away where they are, and says how many are new', async () => {
    await open({ viewport: { width: 900, height: 320 } });
    for (const scope of [REMIND, 'reminders:read:user', 'dnd:read:user', 'stars:write:user'])
      await grant(scope);
    await signIn();
    await page.locator('#live-state.on').waitFor();
    const before = await rows().count();
    await rows().last().scrollIntoViewIfNeeded();
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await harness.ben.runCommand('/permissions', 'request dnd:write:user');
    await harness.settled();
    const note = page.getByRole('button', { name: '1 new' });
    await note.waitFor();
    expect(await rows().count()).toBe(before);
    expect(await page.locator('#new').getAttribute('role')).toBe('status');
    await note.click();
    expect(await rows().count()).toBe(before + 1);
    expect(await page.evaluate('scrollY')).toBe(0);
    expect(await rows().first().textContent()).toContain('dnd:write:user');
  });

  it('opens an entry under its row by keyboard, with its whole request', async () => {
    await open();
    await grant();
    await signIn();
    const opener = rows().first().locator('a.opener');
    await opener.focus();
    await page.keyboard.press('Enter');
    const detail = page.locator('tr.detail');
    await detail.waitFor();
    expect(await opener.getAttribute('aria-expanded')).toBe('true');
    expect(await detail.textContent()).toMatch(
      /Granted .* after it was shown[\s\S]*Asked[\s\S]*Shown[\s\S]*Answered/,
    );
    await page.keyboard.press('Enter');
    await detail.waitFor({ state: 'detached' });
  });

  it('filters by its form, into an address that shows others the same', async () => {
    await open();
    await grant();
    await grant('dnd:write:user');
    await signIn();
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('Scope').fill('dnd:write:user');
    await page.getByLabel('Event').selectOption('Granted');
    const since = new Date(harness.clock.now() - 3_600_000);
    const inTokyo = new Date(since.getTime() + 9 * 3_600_000).toISOString().slice(0, 16);
    await page.getByLabel('From').fill(inTokyo);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL(/scope=/);
    const query = new URL(page.url()).searchParams;
    expect(query.get('event')).toBe('granted');
    expect(query.get('since')).toBe(`${since.toISOString().slice(0, 16)}Z`);
    expect(await rows().count()).toBe(1);
    await page.locator('#live-state.on').waitFor();
    // A new one that is not like this stays away.
    await grant('stars:write:user');
    await page.waitForTimeout(1_200);
    expect(await rows().count()).toBe(1);
  });

  it('says so when the session is over, and signs out', async () => {
    await open();
    await signIn();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.goBack();
    await page.goto(at('log'));
    expect(await page.locator('main').textContent()).toContain('Type /permissions log in Slack');
  });

  it('lets in who opens the link, and tells nobody its secret but by the form', async () => {
    await open();
    const link = await askForLink(harness, harness.ada);
    const secret = new URL(link).hash.slice(1);
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url(), JSON.stringify(request.headers())));
    await page.goto(link);
    await page.getByText('This link is for U0ADA').waitFor();
    expect(await page.getByLabel('Your link').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Grant log' }).waitFor();
    expect(page.url()).toBe(at('log'));
    expect(addresses.length).toBeGreaterThan(3);
    expect(addresses.join('\n').replaceAll(link, '')).not.toContain(secret);
    // Once more: it says so, and offers no button.
    await page.goto(link);
    await page.getByText('This link was used already').waitFor();
    expect(await page.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(false);
    // A newer link in the same tab changes only what stands behind the #.
    await page.goto(await askForLink(harness, harness.ada));
    await page.getByText('This link is for U0ADA').waitFor();
    expect(complaints).toEqual([expect.stringContaining('410')]);
  });

  it('works before any script has run', async () => {
    await open({ javaScriptEnabled: false });
    await grant();
    await page.goto(await askForLink(harness, harness.ada));
    await page.getByLabel('Your link').fill(page.url());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Grant log' }).waitFor();
    expect(await rows().count()).toBe(2);
    expect(await rows().first().textContent()).toContain('UTC');
    await rows().first().locator('a.opener').click();
    expect(await page.locator('main').textContent()).toContain('after it was shown');
    await page.goto(at('log?event=granted'));
    expect(await rows().count()).toBe(1);
    await page.goto(at('sync'));
    await page.getByRole('button', { name: 'Sync now' }).click();
    await harness.settled();
    await page.goto(at('sync'));
    expect(await page.locator('main').textContent()).toContain('users compared');
  });

  it('shows hostile, foreign and pictured words as they are', async () => {
    await open();
    const words = '<script>alert(1)</script> <img src=x onerror=alert(2)> شكرا 🚀 </td>';
    await harness.ben.runShortcut('request_permissions');
    harness.ben.choose('Permissions', ['Set reminders for you']);
    harness.ben.type('Reason', words);
    await harness.ben.submit();
    await harness.settled();
    await signIn();
    expect(await rows().first().locator('q').textContent()).toBe(words);
    await rows().first().locator('a.opener').click();
    await page.locator('tr.detail').waitFor();
    expect(await page.locator('tr.detail q').textContent()).toBe(words);
    await page.goto(at(`log?user=${encodeURIComponent('<b>"x\'')}&q=${encodeURIComponent('"><script>')}`));
    expect(await page.locator('main script, main b').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'is sound for all readers, %s: axe finds nothing',
    async (colorScheme) => {
      await open({ colorScheme });
      await grant();
      await harness.ben.runCommand('/permissions', 'request stars:write:user');
      await harness.settled();
      await harness.ben.deny();
      await harness.settled();
      await page.goto(await askForLink(harness, harness.ada));
      await page.getByText('This link is for U0ADA').waitFor();
      expect(await findFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Sign in' }).click();
      for (const path of PATHS) {
        await page.goto(at(path));
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect({ path, faults: await findFaults(page) }).toEqual({ path, faults: [] });
      }
      await page.goto(at('log'));
      await rows().first().locator('a.opener').click();
      await page.locator('tr.detail').waitFor();
      expect(await findFaults(page)).toEqual([]);
      await page.goto(at('signed-out'));
      expect(await findFaults(page)).toEqual([]);
    },
  );

  it('fits on a phone: nothing is wider than 360 pixels', async () => {
    await open({ viewport: { width: 360, height: 740 } });
    await grant();
    await signIn();
    for (const path of PATHS) {
      await page.goto(at(path));
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect({ path, width: await page.evaluate('document.documentElement.scrollWidth') }).toEqual({
        path,
        width: 360,
      });
    }
  });
});
