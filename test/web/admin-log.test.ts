import { request } from 'undici';
import { signIn, toText, visit } from '../support/admin';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const MINUTE_MS = 60_000;
const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

/** What came on a stream of server-sent events, as it is read. */
async function follow(url: string, cookie: string) {
  const response = await request(url, { headers: { cookie } });
  const heard = { status: response.statusCode, text: '', isOver: false };
  response.body.setEncoding('utf8').on('data', (text: string) => {
    heard.text += text;
  });
  response.body.once('close', () => {
    heard.isOver = true;
  });
  response.body.on('error', () => {});
  return { heard, stop: () => response.body.destroy() };
}

describe.each(databases)('the log in the browser, on %s', (database) => {
  let harness: Harness;
  let cookie: string;
  beforeEach(async () => {
    harness = await startHarness({}, { database });
    cookie = await signIn(harness, harness.ada);
  });
  afterEach(() => harness.close());

  const get = (path: string) => visit(harness, `/admin/${path}`, { cookie });

  async function ask(scopes: string, answer: 'allow' | 'deny' | 'none' = 'allow'): Promise<void> {
    await harness.ben.runCommand('/permissions', `request ${scopes}`);
    await harness.settled();
    if (answer !== 'none') await harness.ben[answer]();
    await harness.settled();
  }

  /** The entries on a page, newest first: `event scopes`. */
  async function list(query: string): Promise<string[]> {
    const { status, text } = await get(`log${query}`);
    expect({ query, status }).toEqual({ query, status: 200 });
    return [...text.matchAll(/<tr role="row" class="entry"[\s\S]*?<\/tr>/g)].map(([row]) => {
      const scopes = [...row.matchAll(/class="scope"[^>]*><bdi[^>]*>([^<]*)/g)].map((found) => found[1]);
      return `${/class="badge (\w+)/.exec(row)?.[1]} ${scopes.join(',')}`;
    });
  }

  it('is filtered by everything that the form offers, and by all of it at once', async () => {
    await harness.ben.runShortcut('request_permissions');
    harness.ben.choose('Permissions', ['Set reminders for you']);
    harness.ben.type('Reason', 'Stand-up of the Düsseldorf team');
    await harness.ben.submit();
    await harness.settled();
    await harness.ben.allow();
    await harness.settled();
    await harness.clock.advance(10 * MINUTE_MS, MINUTE_MS);
    cookie = await signIn(harness, harness.ada);
    const between = new Date(harness.clock.now() - 5 * MINUTE_MS).toISOString();
    await ask(DND, 'deny');
    harness.slack.faults.answerNext('apps.permissions.users.request', {
      body: { ok: false, error: 'expired_trigger_id' },
    });
    await harness.cleo.runCommand('/permissions', `request ${DND}`);
    await harness.settled();

    const old = [`granted ${REMIND}`, `requested ${REMIND}`];
    const recent = [`failed ${DND}`, `denied ${DND}`, `requested ${DND}`];
    expect(await list('')).toEqual([...recent, ...old]);
    expect(await list('?user=U0CLEO')).toEqual([`failed ${DND}`]);
    expect(await list(`?scope=${REMIND}`)).toEqual(old);
    expect(await list(`?scope=${encodeURIComponent(`“${REMIND}”\u200b`)}`)).toEqual(old);
    expect(await list('?event=denied')).toEqual([`denied ${DND}`]);
    expect(await list('?source=app')).toEqual([`failed ${DND}`, `requested ${DND}`, `requested ${REMIND}`]);
    expect(await list('?trigger=view_submission')).toEqual(old);
    expect(await list(`?since=${between}`)).toEqual(recent);
    expect(await list(`?until=${between}`)).toEqual(old);
    expect(await list(`?until=${between.slice(0, 16)}`)).toEqual(old);
    expect(await list('?q=düsseldorf')).toEqual(old);
    expect(await list('?q=STAND+team')).toEqual(old);
    expect(await list('?q=expired_trigger_id')).toEqual([`failed ${DND}`]);
    expect(
      await list(
        `?user=U0BEN&scope=${REMIND}&event=granted&source=slack_event&trigger=view_submission&until=${between}&q=team`,
      ),
    ).toEqual([`granted ${REMIND}`]);
    expect(await list('?user=nobody')).toEqual([]);
    expect(await list('?asked=yes&event=granted')).toEqual([`granted ${REMIND}`]);
  });

  it('is turned page by page, to both sides, and back to the newest', async () => {
    const entries = Array.from(
      { length: 130 },
      (_, index) => `('2026-01-01T00:00:00.000Z', 'T0SANDBOX', 'U${index + 1}', 'requested', '[]', 'app')`,
    );
    await harness.database.run(
      `insert into grant_log (at, team_id, user_id, event, scopes, source) values ${entries.join(',')}`,
    );
    const users = ({ text }: { text: string }) =>
      [...text.matchAll(/class="user"><a[^>]*><bdi[^>]*>U(\d+)/g)].map((found) => Number(found[1]));
    const linkOf = ({ text }: { text: string }, label: RegExp) =>
      new RegExp(`href="/admin/([^"]*)"[^>]*>${label.source}`).exec(text)?.[1]?.replaceAll('&amp;', '&');
    const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from - index);

    const first = await get('log?source=app');
    expect(users(first)).toEqual(range(130, 50));
    expect(linkOf(first, /Newest/)).toBeUndefined();
    const second = await get(linkOf(first, /Older/) ?? '');
    expect(users(second)).toEqual(range(80, 50));
    const third = await get(linkOf(second, /Older/) ?? '');
    expect(users(third)).toEqual(range(30, 30));
    expect(linkOf(third, /Older/)).toBeUndefined();
    const back = await get(linkOf(third, /← Newer/) ?? '');
    expect(users(back)).toEqual(range(80, 50));
    expect(users(await get(linkOf(back, /← Newer/) ?? ''))).toEqual(range(130, 50));
    expect(linkOf(third, /Newest/)).toBe('log?source=app');
  });

  it('says what is wrong with an address, and never fails', async () => {
    const faulty = {
      'since=31.1.2026': 'Write a date or a time',
      'since=2026-02-31': 'Write a date or a time',
      'until=2026-01-01T99:00': 'Write a date or a time',
      'event=nonsense': 'Choose one of requested, granted',
      'source=nonsense': 'Choose one of app',
      'trigger=nonsense': 'Choose one of slash_command',
      'before=abc': 'whole number',
      'after=-1': 'whole number',
      'before=99999999999999999999': 'whole number',
      'user=a%00b': 'characters that cannot be seen',
      [`q=${'x'.repeat(201)}`]: 'at most 200 characters',
      'team=T0SECOND': 'no such workspace',
      'asked=no': 'Choose one of yes',
    };
    for (const [query, sentence] of Object.entries(faulty)) {
      for (const path of [
        `log?${query}`,
        `log/export?format=csv&${query.replace(/^(before|after)=.*/, 'event=x')}`,
      ]) {
        const page = await get(path);
        expect({ path, status: page.status }).toEqual({ path, status: 400 });
        if (!path.includes('export')) expect(toText(page.text)).toContain(sentence);
      }
    }
    const others = {
      'log/export?format=xml': 400,
      'entry?seq=abc': 404,
      'entry?seq=999999': 404,
      entry: 404,
      user: 400,
      'user?id=a%00b': 400,
      'user?id=%F0%9F%9A%80': 200,
      'user?id=U0BEN&team=T0SECOND': 400,
      scope: 400,
      'scope?name=%3Cscript%3E': 200,
      'now?sort=nonsense': 400,
      'now?dir=nonsense': 400,
      'now?cursor=nonsense': 400,
      'now?cursor=WzEsIlwwIiwiIiwiIl0': 400,
      // No count: 1e308, and 1.5.
      'now?sort=scopes&cursor=WzFlMzA4LCIiLCIiLCIiXQ': 400,
      'now?sort=scopes&cursor=WzEuNSwiIiwiIiwiIl0': 400,
      'picture?team=nonsense': 400,
      'log?q=%25%27%3B--&user=%27%20or%201%3D1': 200,
      'log?q=...': 200,
      'log?before=0': 200,
    };
    for (const [path, status] of Object.entries(others)) {
      expect({ path, status: (await get(path)).status }).toEqual({ path, status });
    }
    expect(harness.lines.join('')).not.toContain('failed to serve a page');
  });

  it('tells new entries by themselves, also of another instance, and only those of the view', async () => {
    await ask(REMIND);
    const { heard, stop } = await follow(harness.url('/admin/log/live?event=granted&from=0'), cookie);
    expect(heard.status).toBe(200);
    await harness.clock.advance(500);
    await until(() => heard.text.includes(REMIND));
    expect(heard.text).toMatch(/id: 2\nevent: entries\ndata: \[\{"seq":2/);

    const other = await harness.startAnother();
    await ask(DND);
    await harness.clock.advance(500);
    await until(() => heard.text.includes(DND));
    expect(heard.text).not.toContain('badge requested');
    stop();
    await other.stop();
  });

  it('ends the streams of a session with it, at once; and all of them when the app stops', async () => {
    const { heard } = await follow(harness.url('/admin/log/live'), cookie);
    await until(() => heard.text.includes('live'));
    await visit(harness, '/admin/sign-out', { method: 'POST', cookie });
    await until(() => heard.isOver);
    expect(heard.text).toContain('event: ended\ndata: none');

    const late = await follow(harness.url('/admin/log/live'), cookie);
    await until(() => late.heard.isOver);
    expect(late.heard.text).toBe('event: ended\ndata: none\n\n');

    const next = await follow(harness.url('/admin/log/live'), await signIn(harness, harness.ada));
    await until(() => next.heard.text.includes('live'));
    await harness.restart();
    await until(() => next.heard.isOver);
  });

  it('ends a stream also where another instance ended the session', async () => {
    const { heard } = await follow(harness.url('/admin/log/live'), cookie);
    await until(() => heard.text.includes('live'));
    const other = await harness.startAnother();
    const url = `http://127.0.0.1:${other.port}/admin/sign-out`;
    await visit(harness, url, { method: 'POST', cookie, origin: new URL(url).origin });
    await harness.clock.advance(1_000);
    await until(() => heard.isOver);
    expect(heard.text).toContain('event: ended\ndata: none');
    await other.stop();
  });

  it.each([
    ['half an hour without use', 'seen_at_ms = seen_at_ms - 1795000'],
    ['twelve hours, however busy', `begun_at = '%'`],
  ])('ends a stream, and the session, after %s', async (_limit, change) => {
    const begunAt = new Date(harness.clock.now() - 12 * 60 * MINUTE_MS + 5_000).toISOString();
    await harness.database.run(`update admin_sessions set ${change.replace('%', begunAt)}`);
    const { heard } = await follow(harness.url('/admin/log/live'), cookie);
    await until(() => heard.text.includes('live'));
    if (change.startsWith('begun')) expect((await get('log')).status).toBe(200);
    await harness.clock.advance(4_000);
    expect(heard.isOver).toBe(false);
    await harness.clock.advance(1_000);
    await until(() => heard.isOver);
    expect(heard.text).toContain('event: ended\ndata: none');
    expect((await get('log')).status).toBe(401);
    expect(toText((await get('log')).text)).toContain('and after twelve hours');
  });

  it('lets four pages of a session be live, the newest, and tells the others so', async () => {
    const streams: Awaited<ReturnType<typeof follow>>[] = [];
    for (let count = 0; count < 6; count += 1) {
      const stream = await follow(harness.url(`/admin/log/live?from=0`), cookie);
      await until(() => stream.heard.text.includes(': live'));
      streams.push(stream);
    }
    await until(() => streams.filter(({ heard }) => heard.isOver).length === 2);
    for (const { heard } of streams.slice(0, 2)) expect(heard.text).toContain('event: ended\ndata: too_many');
    // Another session of the same workspace has its own.
    const theirs = await follow(harness.url('/admin/log/live?from=0'), await signIn(harness, harness.ada));
    await ask(REMIND);
    await harness.clock.advance(500);
    for (const { heard } of [...streams.slice(2), theirs]) {
      await until(() => heard.text.includes(REMIND));
      expect(heard.isOver).toBe(false);
    }
    for (const { stop } of [...streams, theirs]) stop();
  });

  it('tells whoever has been away for long the newest entries only', async () => {
    const entries = Array.from(
      { length: 1_000 },
      (_, index) => `('2026-01-01T00:00:00.000Z', 'T0SANDBOX', 'U${index + 1}', 'requested', '[]', 'app')`,
    );
    await harness.database.run(
      `insert into grant_log (at, team_id, user_id, event, scopes, source) values ${entries.join(',')}`,
    );
    const { heard, stop } = await follow(harness.url('/admin/log/live?from=0'), cookie);
    await until(() => heard.text.includes(': live'));
    await harness.clock.advance(500);
    await until(() => heard.text.includes('"seq":1000'));
    expect(heard.text.match(/"seq":\d+/g)).toHaveLength(300);
    expect(heard.text).toContain('[{"seq":701,');
    stop();
  });

  it('opens an entry to its whole request: what was tried, shown and answered, and how long it took', async () => {
    harness.slack.faults.answerNext('apps.permissions.users.request', {
      body: { ok: false, error: 'expired_trigger_id' },
    });
    await harness.ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    await harness.clock.advance(20_000);
    await harness.ben.press('Continue');
    await harness.settled();
    await harness.clock.advance(12_000);
    await harness.ben.allow();
    await harness.settled();
    const [failed, , granted] = await harness.log();
    for (const entry of [failed, granted]) {
      const page = toText((await get(`entry?seq=${entry?.seq}`)).text);
      expect(page).toContain('Granted 12 s after it was shown, after 2 tries.');
      expect(page).toMatch(
        /Asked .* Not shown ! Failed .* expired_trigger_id .* Shown → Requested .* after 20 s Answered ✓ Granted .* after 32 s/,
      );
    }
    const part = await get(`entry?seq=${granted?.seq}&part=1`);
    expect(part.text).not.toContain('<html');
    expect(part.text).toContain(String(granted?.request_id));
  });

  it('is exported as it is seen, formulas defused', async () => {
    await harness.ben.runShortcut('request_permissions');
    harness.ben.choose('Permissions', ['Set reminders for you']);
    harness.ben.type('Reason', '=HYPERLINK("http://evil.example","Click")');
    await harness.ben.submit();
    await harness.settled();
    await harness.ben.allow();
    await harness.settled();
    await ask(DND, 'deny');
    const csv = await get('log/export?format=csv&event=granted');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.headers['content-disposition']).toMatch(
      /^attachment; filename="grant-log-\d{4}-\d\d-\d\d\.csv"$/,
    );
    const lines = csv.text.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(
      'seq,at,team_id,user_id,event,scopes,source,request_id,trigger_source,event_id,error,reason,hash',
    );
    expect(lines[1]).toContain(`"'=HYPERLINK(""http`);
    const jsonl = await get('log/export?format=jsonl');
    const records = jsonl.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toEqual((await harness.log()).reverse());
  });

  it('counts in its pictures what the links beside the numbers show', async () => {
    await ask(REMIND);
    await ask(DND, 'deny');
    // Told by Slack, but asked by nobody: no request ended.
    await harness.slack.sendEvent({
      type: 'user_resource_granted',
      user: 'U0CLEO',
      scopes: [DND],
      trigger_id: 'x',
    });
    await harness.settled();
    const picture = await get('picture');
    expect(toText(picture.text)).toContain('In 30 days: 1 granted, 1 denied, 0 unanswered, 0 failed.');
    const links = [
      ...picture.text.matchAll(/href="(\/admin\/log\?[^"]*event=granted[^"]*until=[^"]*)"/g),
    ].map((found) => found[1]?.replaceAll('&amp;', '&'));
    expect(links.length).toBeGreaterThan(0);
    for (const link of links)
      expect(await list(link?.slice('/admin/log'.length) ?? '')).toEqual([`granted ${REMIND}`]);
  });

  it('shows who holds what, in any order, and pages through it', async () => {
    const grants = Array.from(
      { length: 60 },
      (_, index) =>
        `('T0SANDBOX', 'U1${String(index).padStart(3, '0')}', '${index % 2 ? DND : REMIND}', '2026-01-${String((index % 28) + 1).padStart(2, '0')}T00:00:00.000Z', 'slack_event')`,
    );
    await harness.database.run(
      `insert into grants (team_id, user_id, scope, granted_at, source) values ${grants.join(',')}`,
    );
    const users = (text: string) =>
      [...text.matchAll(/<th scope="row"><a[^>]*><bdi[^>]*>(U1\d+)/g)].map((found) => found[1]);
    const all = Array.from({ length: 60 }, (_, index) => `U1${String(index).padStart(3, '0')}`);
    for (const [sort, dir] of [
      ['user', 'up'],
      ['user', 'down'],
      ['scopes', 'up'],
      ['scopes', 'down'],
      ['latest', 'up'],
      ['latest', 'down'],
    ]) {
      const first = await get(`now?sort=${sort}&dir=${dir}`);
      const next = /href="\/admin\/([^"]*cursor=[^"]*)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&');
      const second = await get(next ?? '');
      const seen = [...users(first.text), ...users(second.text)];
      expect({ sort, dir, seen: [...seen].sort() }).toEqual({ sort, dir, seen: all });
      if (sort !== 'latest') expect(seen).toEqual(dir === 'up' ? all : all.toReversed());
    }
    expect(toText((await get('user?id=U1007')).text)).toContain(DND);
    expect(users((await get(`scope?name=${DND}`)).text)).toHaveLength(30);
  });

  it('begins a sync, and shows how it ended', async () => {
    harness.slack.grantDirectly('U0BEN', [REMIND]);
    const begun = await visit(harness, '/admin/sync', {
      method: 'POST',
      cookie,
      form: { team: 'T0SANDBOX' },
    });
    expect(begun.status).toBe(303);
    await harness.settled();
    const page = await get('sync');
    expect(toText(page.text)).toMatch(/Done .*: \d users compared, 1 change/);
    const link = /href="\/admin\/log(\?source=users_list[^"]*)"/
      .exec(page.text)?.[1]
      ?.replaceAll('&amp;', '&');
    expect(await list(link ?? '')).toEqual([`granted ${REMIND}`]);
    expect((await get('sync?part=1&poll=1')).text).toContain('users compared');
  });

  it('shows the newest hash of the chain, and how it was verified', async () => {
    await ask(REMIND);
    const [, newest] = await harness.log();
    expect((await get('log')).text).toContain(String(newest?.hash));
    expect(toText((await get('log')).text)).toContain('Not verified yet');
    await harness.database.run(
      `update chains set verified_at = '2026-01-02T03:04:05.000Z', verified_seq = 2`,
    );
    expect(toText((await get('log')).text)).toContain(
      'Verified 2026-01-02 03:04 UTC up to entry 2: no fault.',
    );
    await harness.database.run(`update chains set verified_fault = 'entry 1 was changed'`);
    expect(toText((await get('log')).text)).toContain(
      'Broken, found 2026-01-02 03:04 UTC : entry 1 was changed',
    );
  });
});
