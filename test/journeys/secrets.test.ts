import { existsSync, readFileSync } from 'node:fs';
import type { Page } from '../../sandbox/types';
import { createLogger } from '../../services/runtime/logger';
import { askForLink, signInBy } from '../support/admin';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness, TEST_KEY, transports } from '../support/harness';
import { ask, consent, install, openConsent } from '../support/oauth';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const PROFILE = 'users.profile:write:user';
const EXPIRY_MS = 12 * 60 * 60_000 + 30_000;

/** All that the database holds: the bytes of the file and of its log, or every row of every table. */
async function readAll({ database }: Harness): Promise<string> {
  const { config } = database;
  if (config.kind === 'sqlite') {
    const files = [config.path, `${config.path}-wal`].filter((path) => existsSync(path));
    return files.map((path) => readFileSync(path, 'latin1')).join('\n');
  }
  const tables = await database.run("select tablename from pg_tables where schemaname = 'public'");
  const texts: string[] = [];
  for (const { tablename } of tables as { tablename: string }[])
    texts.push(JSON.stringify(await database.run(`select * from ${tablename}`)));
  return texts.join('\n');
}

/** Every value of these names, wherever it stands. */
function collect(value: unknown, names: RegExp, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, each] of Object.entries(value)) {
    if (names.test(name) && typeof each === 'string' && each !== '') found.add(each);
    else collect(each, names, found);
  }
  return found;
}

describe.each(transports)('a whole journey at log level trace, by %s', (transport) => {
  let harness: Harness;
  afterEach(() => harness.close());

  it.each(eitherDatabase)('leaves no secret in the log, the database or a page, on %s', async (database) => {
    const sandbox = { isInstalled: false, tokenRotation: true };
    harness = await startHarness({}, { database, transport, oauth: true, sandbox });
    const { slack, ada, ben, cleo, lines } = harness;
    const pages: Page[] = [];
    const states = new Set<string>();
    const noteState = (url: string) => states.add(new URL(url).searchParams.get('state') ?? '');

    const consentPage = await ada.browser.open(harness.url('/slack/install'));
    noteState(consentPage.url);
    const redirect = (await consentPage.allow({ dropRedirect: true })).redirect ?? '';
    pages.push(await cleo.browser.open(redirect), await ada.browser.open(redirect));
    pages.push(await ada.browser.open(redirect), await install(harness, ada));

    for (const scopes of [REMIND, DND]) {
      await ask(harness, ben, scopes);
      noteState(ben.link('Allow in Slack'));
      const back = (await (await openConsent(ben)).allow({ dropRedirect: true })).redirect ?? '';
      if (scopes === DND) slack.faults.answerNext('oauth.v2.access', { status: 500, text: 'oops' });
      pages.push(await ben.browser.open(back), await ben.browser.open(back));
      await harness.settled();
    }
    await ask(harness, cleo, REMIND);
    noteState(cleo.link('Allow in Slack'));
    pages.push(await (await ben.browser.open(cleo.link('Allow in Slack'))).allow());
    await harness.settled();
    await ask(harness, cleo, REMIND);
    noteState(cleo.link('Allow in Slack'));
    pages.push(await (await openConsent(cleo)).deny());
    pages.push(await ben.browser.open(harness.url('/slack/oauth_redirect?state=guessed&code=guessed')));
    await harness.clock.advance(10_000);
    pages.push(await consent(harness, ben, PROFILE));

    const links = [await askForLink(harness, ada), await askForLink(harness, ada)];
    // A command whose answer Slack does not take is answered by a message of its own.
    slack.faults.answerNext('response_url', { status: 500, text: '' });
    links.push(await askForLink(harness, ada));
    await signInBy(harness, links[0] ?? '');
    await ada.openHome();
    await harness.settled();

    await harness.restart(EXPIRY_MS);
    slack.faults.answerNext('response_url', { status: 500, text: '' });
    await ben.runCommand('/permissions', `request ${DND}`, { triggerAgeMs: 5_000 });
    await harness.settled();
    await ada.runCommand('/permissions', 'sync');
    await harness.settled();
    await ben.runCommand('/permissions', 'revoke');
    await ben.press('Take it back');
    await harness.settled();
    await slack.uninstall();
    await harness.settled();
    // In no order: Slack may tell of a revocation before the app has written why it revoked.
    expect((await harness.events()).sort()).toEqual(
      [
        `requested ${REMIND}`,
        `granted ${REMIND}`,
        `requested ${DND}`,
        `failed ${DND}`,
        `requested ${REMIND}`,
        `failed ${REMIND}`,
        `requested ${REMIND}`,
        `denied ${REMIND}`,
        `requested ${PROFILE}`,
        `granted ${PROFILE}`,
        `failed ${DND}`,
        `removed ${REMIND},${PROFILE}`,
        'removed',
      ].sort(),
    );

    const calls = [...slack.calls].map(({ args, answer }) => ({ args, answer }));
    const payloads = slack.deliveries.map(({ payload }) => payload);
    const secrets = new Set([
      ...collect(calls, /^(access_token|refresh_token|code|client_secret|token)$/),
      ...[...slack.botTokens(), ...slack.userTokens()].map(({ value }) => value),
      ...collect(payloads, /^(response_url|trigger_id)$/),
      ...states,
      ...links.map((link) => new URL(link).hash.slice(1)),
      slack.clientSecret,
      slack.appToken,
      slack.signingSecret,
      TEST_KEY,
    ]);
    secrets.delete('guessed');
    expect(
      slack.callsTo('oauth.v2.access').filter(({ args }) => args.grant_type !== undefined).length,
    ).toBeGreaterThan(1);
    expect(secrets.size).toBeGreaterThan(30);
    expect(lines.length).toBeGreaterThan(20);

    expect(lines.join('')).not.toMatch(/http request|apiCall|"blocks"/);

    const stored = await readAll(harness);
    const shown = pages.map(({ html, headers }) => html + JSON.stringify(headers)).join('\n');
    const written = lines.join('');
    expect(pages.length).toBeGreaterThan(10);
    const found = [...secrets].flatMap((secret) => [
      ...(written.includes(secret) ? [`log: ${secret}`] : []),
      ...(stored.includes(secret) ? [`database: ${secret}`] : []),
      ...(shown.includes(secret) ? [`page: ${secret}`] : []),
    ]);
    expect(found).toEqual([]);
  });
});

describe('the app’s own log', () => {
  function write(value: object, secrets: readonly string[] = []): string {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    createLogger({ level: 'trace', secrets, destination }).info(value, 'said');
    return lines.join('');
  }

  // With a pattern that looks at the rest of the line from each of them, this would take hours.
  it.each([
    ['backslashes', '\\'.repeat(300_000)],
    ['quotes behind backslashes', '\\\\"'.repeat(100_000)],
    ['names of secrets', '"token":"\\\\'.repeat(50_000)],
    ['starts of tokens', 'xoxa-'.repeat(100_000)],
    ['starts of addresses', 'https://hooks.slack.com'.repeat(20_000)],
    ['digits', '1.1.aaaaaaaaaaaaaaaa_'.repeat(20_000)],
  ])('takes a long text of %s, and writes little of it, as JSON', (_what, text) => {
    const line = write({ error: text, other: 'kept' });
    expect(line.length).toBeLessThan(8_000);
    expect(JSON.parse(line)).toMatchObject({ other: 'kept', msg: 'said' });
    const many = write(
      Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`error${at}`, text.slice(0, 900)])),
    );
    expect(many.length).toBeLessThan(8_000);
    expect(JSON.parse(many)).toMatchObject({ level: 'info', msg: 'said' });
  });

  it('hides a secret that a cut would halve', () => {
    const line = write({ error: `${'.'.repeat(990)}xoxb-${'1'.repeat(60)}${'.'.repeat(9_000)}` });
    expect(line).not.toContain('xoxb');
    expect(
      write({ error: `${'.'.repeat(990)}a-secret-of-this-test${'.'.repeat(9_000)}` }, [
        'a-secret-of-this-test',
      ]),
    ).not.toContain('a-secret');
  });

  it.each([
    ['itself', (value: string) => value],
    ['JSON in a text', (value: string) => JSON.stringify(value)],
    ['JSON in JSON in a text', (value: string) => JSON.stringify(JSON.stringify(value))],
  ])('hides the fields of secrets by their names, where they stand in %s', (_where, wrap) => {
    const answer = JSON.stringify({
      trigger_id: 'an unusual one',
      response_url: 'https:\\/\\/hooks.slack.com\\/commands\\/T1\\/unguessable',
    });
    const line = write({ said: wrap(answer) });
    expect(line).not.toMatch(/unusual|unguessable/);
    expect(line).toContain('trigger_id');
  });

  it('holds nothing of an error but its message, its code and its stack', () => {
    const error = Object.assign(new Error('it failed'), {
      code: 'E1',
      body: { text: 'what the user wrote' },
    });
    const line = write({ err: error });
    expect(line).not.toContain('what the user wrote');
    expect(JSON.parse(line)).toMatchObject({
      err: { message: 'it failed', code: 'E1', stack: expect.any(String) },
    });
  });
});
