import { existsSync, readFileSync } from 'node:fs';
import type { Page } from '../../sandbox/types';
import { databases } from '../support/databases';
import { type Harness, startHarness, TEST_KEY, transports } from '../support/harness';
import { ask, consent, install, openConsent } from '../support/oauth';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
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

  it.each(databases)('leaves no secret in the log, the database or a page, on %s', async (database) => {
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
    pages.push(await consent(harness, ben, REMIND));

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
        `removed ${REMIND}`,
        `requested ${REMIND}`,
        `denied ${REMIND}`,
        `requested ${REMIND}`,
        `granted ${REMIND}`,
        `failed ${DND}`,
        `removed ${REMIND}`,
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
    expect(lines.length).toBeGreaterThan(50);

    const stored = await readAll(harness);
    const shown = pages.map(({ html, headers }) => html + JSON.stringify(headers)).join('\n');
    const written = lines.join('');
    expect(pages.length).toBeGreaterThan(10);
    // A spent trigger stands in the database: it joins an event to its request.
    const triggers = collect(payloads, /^trigger_id$/);
    const found = [...secrets].flatMap((secret) => [
      ...(written.includes(secret) ? [`log: ${secret}`] : []),
      ...(stored.includes(secret) && !triggers.has(secret) ? [`database: ${secret}`] : []),
      ...(shown.includes(secret) ? [`page: ${secret}`] : []),
    ]);
    expect(found).toEqual([]);
  });
});
