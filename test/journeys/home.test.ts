import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from '../../sandbox/types';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

const textOf = (person: Person) => person.home()?.texts.join('\n') ?? '';
const published = ({ slack }: Harness, userId: string) =>
  slack.callsTo('views.publish').filter(({ args }) => args.user_id === userId);

/** What a second or two are for. */
async function soon({ clock, settled }: Harness): Promise<void> {
  for (let second = 0; second < 2; second += 1) {
    await settled();
    await clock.advance(1_000);
  }
  await settled();
}

describe.each(eitherDatabase)('the app’s home, on %s', (database) => {
  let harness: Harness;
  const start = async (...args: Parameters<typeof startHarness>) => {
    harness = await startHarness(args[0], { database, ...args[1] });
    return harness;
  };
  afterEach(() => harness.close());

  it('shows what was granted and what can be asked for, and why', async () => {
    const { slack, ben } = await start();
    const delivery = await ben.openHome();
    await harness.settled();

    expect(delivery.status).toBe(200);
    expect(published(harness, 'U0BEN')[0]?.args.token).toBe(slack.botToken);
    expect(ben.home()?.buttons).toEqual(['Ask for these']);
    expect(textOf(ben)).toContain('You have granted nothing yet.');
    expect(textOf(ben)).toContain('*Pause your notifications* (`dnd:write:user`)');
    expect(textOf(ben)).toContain('So that “focus for an hour” can turn on Do Not Disturb for you');
    expect(textOf(ben)).not.toContain('grant log');
  });

  it('is not published for its tab with messages', async () => {
    const { slack } = await start();
    await slack.sendEvent({ type: 'app_home_opened', user: 'U0BEN', channel: 'D0BEN', tab: 'messages' });
    await soon(harness);
    expect(slack.callsTo('views.publish')).toEqual([]);
  });

  it('asks for what is chosen there, with the trigger of the press', async () => {
    const { slack, ben } = await start();
    await ben.openHome();
    await harness.settled();
    ben.choose('Permissions', ['Set reminders for you', 'Pause your notifications']);
    const press = await ben.press('Ask for these');
    await harness.settled();

    expect(press.payload).toMatchObject({ container: { type: 'view' } });
    expect(press.payload).not.toHaveProperty('response_url');
    expect(slack.callsTo('apps.permissions.users.request')[0]?.args).toMatchObject({
      scopes: `${REMIND},${DND}`,
      trigger_id: press.payload.trigger_id,
      user: 'U0BEN',
    });
    expect(ben.prompt()?.scopes).toEqual([REMIND, DND]);
    expect(await harness.log()).toMatchObject([{ event: 'requested', trigger_source: 'block_action' }]);
  });

  it('answers by direct message, where nothing was chosen or the moment was over', async () => {
    const { ben } = await start();
    await ben.openHome();
    await harness.settled();
    await ben.press('Ask for these');
    await harness.settled();
    expect(ben.lastMessage()).toMatchObject({ channel: 'D0BEN', ephemeral: false });
    expect(ben.lastMessage()?.plain).toContain('Choose at least one permission');

    ben.choose('Permissions', ['Set reminders for you']);
    await ben.press('Ask for these', { triggerAgeMs: 3_500 });
    await harness.settled();
    expect(ben.lastMessage()).toMatchObject({ channel: 'D0BEN', buttons: ['Continue'] });
    await ben.press('Continue');
    await harness.settled();
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('is fresh within two seconds of every answer, with the user’s own words', async () => {
    const { slack, ben } = await start();
    await ben.openHome();
    await ben.runCommand('/permissions', 'form');
    ben.choose('Permission', ['Set reminders for you']);
    ben.type('Reason', 'I forget <everything> & *more*');
    await ben.submit();
    await ben.allow();
    await soon(harness);
    expect(textOf(ben)).toMatch(/\*Set reminders for you\* \(`reminders:write:user`\), since <!date\^/);
    expect(textOf(ben)).toContain('You wrote: “I forget &lt;everything&gt; &amp; *more*”');
    expect(ben.home()?.buttons).toEqual(['Take it back', 'Ask for these']);

    await slack.takeBack('U0BEN');
    await soon(harness);
    expect(textOf(ben)).toContain('You have granted nothing yet.');
  });

  it('is published again after each kind of entry about its owner', async () => {
    const { slack, ben, clock } = await start({ REQUEST_TTL_MINUTES: '10' });
    await ben.openHome();
    await soon(harness);
    const counts = [published(harness, 'U0BEN').length];
    const step = async (act: () => unknown) => {
      await act();
      await soon(harness);
      counts.push(published(harness, 'U0BEN').length);
    };
    await step(() => ben.runCommand('/permissions', `request ${REMIND}`));
    await step(() => ben.deny());
    await step(() => ben.runCommand('/permissions', `request ${REMIND}`));
    await step(() => clock.advance(10 * 60_000, 60_000));
    slack.faults.answerNext('apps.permissions.users.request', { body: { ok: false, error: 'fatal_error' } });
    await step(() => ben.runCommand('/permissions', `request ${REMIND}`));

    expect((await harness.log()).map(({ event }) => event)).toEqual([
      'requested',
      'denied',
      'requested',
      'unanswered',
      'failed',
    ]);
    expect(counts).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is published for nobody who has not opened it, and once for what comes together', async () => {
    const { slack, ben, cleo } = await start();
    await ben.openHome();
    await soon(harness);
    const before = published(harness, 'U0BEN').length;
    for (const person of [ben, cleo]) {
      await person.runCommand('/permissions', `request ${REMIND},${DND}`);
      await person.allow([REMIND]);
      await slack.sendEvent({ type: 'user_resource_granted', user: person.id, scopes: [DND] });
    }
    await soon(harness);
    await soon(harness);
    expect(published(harness, 'U0BEN')).toHaveLength(before + 1);
    expect(textOf(ben)).toContain('Pause your notifications* (`dnd:write:user`), since');
    expect(published(harness, 'U0CLEO')).toEqual([]);
  });

  it('is fresh, and published once, where another instance records', async () => {
    const { slack, ben, clock } = await start();
    await ben.openHome();
    await soon(harness);
    const other = await harness.startAnother();
    await other.settled();
    const before = published(harness, 'U0BEN').length;
    await slack.sendEvent({ type: 'user_resource_granted', user: 'U0BEN', scopes: [DND] });
    await slack.settled();
    await other.stop();
    await soon(harness);
    expect(textOf(ben)).toContain('(`dnd:write:user`), since');
    expect(published(harness, 'U0BEN')).toHaveLength(before + 1);

    const third = await harness.startAnother();
    slack.faults.answerNext('views.publish', { delayMs: 2_500 });
    await slack.sendEvent({ type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND] });
    for (let second = 0; second < 2; second += 1) {
      await clock.advance(1_000);
      await until(() => published(harness, 'U0BEN').length === before + 2);
    }
    await clock.advance(2_000);
    await third.stop();
    await soon(harness);
    expect(textOf(ben)).toContain('(`reminders:write:user`), since');
    expect(published(harness, 'U0BEN')).toHaveLength(before + 2);
  });

  it('waits as long as Slack asks for, and then catches up', async () => {
    const { slack, ben, cleo, clock } = await start();
    await ben.openHome();
    await cleo.openHome();
    await soon(harness);
    slack.calls.length = 0;
    slack.faults.answerAlways('views.publish', {
      status: 429,
      headers: { 'Retry-After': '20' },
      body: { ok: false, error: 'ratelimited' },
    });
    await slack.sendEvent({ type: 'user_resource_granted', user: 'U0BEN', scopes: [DND] });
    await soon(harness);
    expect(published(harness, 'U0BEN')).toHaveLength(1);
    await slack.sendEvent({ type: 'user_resource_granted', user: 'U0CLEO', scopes: [DND] });
    await soon(harness);
    await clock.advance(10_000);
    await harness.settled();
    expect(slack.callsTo('views.publish')).toHaveLength(1);

    slack.faults.answerAlways('views.publish', undefined);
    await clock.advance(8_000);
    await soon(harness);
    for (const person of [ben, cleo]) expect(textOf(person)).toContain('(`dnd:write:user`), since');
  });

  it('is shown later where Slack’s answer has no end', async () => {
    const { slack, ben } = await start();
    slack.faults.answerNext('views.publish', { endless: true });
    await ben.openHome();
    await until(async () => {
      await soon(harness);
      return published(harness, 'U0BEN').length > 1;
    });
    expect(textOf(ben)).toContain('reminders');
  });

  it('is forgotten where Slack does not take it at all, until it is opened again', async () => {
    const { slack, ben } = await start();
    slack.faults.answerNext('views.publish', { body: { ok: false, error: 'not_enabled' } });
    await ben.openHome();
    await soon(harness);
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await soon(harness);
    expect(published(harness, 'U0BEN')).toHaveLength(1);
    await ben.openHome();
    await soon(harness);
    expect(textOf(ben)).toContain('My permissions');
  });

  it('catches up after a restart', async () => {
    const { slack, ben } = await start();
    await ben.openHome();
    await soon(harness);
    await slack.sendEvent({ type: 'user_resource_granted', user: 'U0BEN', scopes: [DND] });
    await harness.restart();
    expect(textOf(ben)).not.toContain('(`dnd:write:user`), since');
    await soon(harness);
    expect(textOf(ben)).toContain('(`dnd:write:user`), since');
    const before = published(harness, 'U0BEN').length;
    await harness.restart();
    await soon(harness);
    expect(published(harness, 'U0BEN')).toHaveLength(before);
  });

  it('does not hold up a trigger while Slack does not answer about homes', async () => {
    const { slack, ben, clock } = await start();
    slack.faults.answerNext('views.publish', { delayMs: 9_000 });
    await ben.openHome();
    await until(() => slack.callsTo('views.publish').length === 1);
    await ben.runCommand('/permissions', `request ${REMIND}`);
    expect(slack.callsTo('apps.permissions.users.request')).toMatchObject([{ triggerAgeMs: 0, status: 200 }]);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
    await clock.advance(9_000);
    await soon(harness);
    // What was asked while the first was on its way is not lost.
    expect(published(harness, 'U0BEN').length).toBeGreaterThan(1);
  });

  it('takes everything back, after Slack’s own question', async () => {
    const { slack, ben } = await start({}, { oauth: true });
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await (await ben.browser.open(ben.link('Allow in Slack'))).allow();
    await ben.openHome();
    await soon(harness);
    const view = JSON.parse(published(harness, 'U0BEN').at(-1)?.args.view ?? '');
    const [button] = view.blocks.flatMap(({ elements = [] }) => elements);
    expect(button).toMatchObject({
      text: { text: 'Take it back' },
      confirm: { text: { text: expect.stringContaining('all of it ends at once') }, style: 'danger' },
    });

    await ben.press('Take it back');
    await soon(harness);
    expect(slack.granted('U0BEN')).toEqual([]);
    expect(await harness.events()).toContain(`removed ${REMIND}`);
    expect(ben.messages().map(({ plain }) => plain)).toContainEqual(
      expect.stringContaining('no longer stand'),
    );
    expect(ben.messages().at(-1)?.channel).toBe('D0BEN');
    expect(textOf(ben)).toContain('You have granted nothing yet.');
  });

  it('shows the log to admins of the workspace alone, no more often than each ten seconds', async () => {
    const { slack, ada, ben, clock, database } = await start();
    await ada.openHome();
    await harness.settled();
    expect(textOf(ada)).toContain('The log is empty');
    // Eight days ago, which the figures leave out, and another workspace's.
    const longAgo = new Date(clock.now() - 8 * 24 * 60 * 60_000).toISOString();
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.deny();
    await database.run(`update grant_log set at = '${longAgo}'`);
    await slack.sendEvent(
      { type: 'user_resource_denied', user: 'U0DORA', scopes: [REMIND] },
      { teamId: 'T0SECOND' },
    );
    await soon(harness);
    await clock.advance(10_000);
    slack.calls.length = 0;
    for (let request = 0; request < 6; request += 1) {
      await ben.runCommand('/permissions', `request ${request % 2 === 0 ? REMIND : DND}`);
      await ben.deny();
      await soon(harness);
    }
    // In twelve seconds.
    expect(published(harness, 'U0ADA').length).toBeLessThan(3);
    await clock.advance(10_000);
    await soon(harness);
    expect(textOf(ada)).toContain(
      'The last seven days: asked *6*, granted *0*, denied *6*, unanswered *0*, failed *0*, removed *0*',
    );
    expect(textOf(ada).match(/<@U0BEN>/g)).toHaveLength(10);

    expect(textOf(ada)).not.toContain('U0DORA');

    await slack.sendEvent({ type: 'user_resource_granted', user: 'U0ADA', scopes: [DND] });
    slack.users.find(({ id }) => id === 'U0ADA')!.isAdmin = false;
    await soon(harness);
    expect(textOf(ada)).toContain('(`dnd:write:user`), since');
    expect(textOf(ada)).not.toContain('<@U0BEN>');
  });

  it('keeps the log closed where Slack does not say who is an admin', async () => {
    const { slack, ada } = await start();
    slack.faults.answerNext('users.info', { body: { ok: false, error: 'fatal_error' } });
    await ada.openHome();
    await harness.settled();
    expect(textOf(ada)).toContain('Slack did not say whether you are an admin (`fatal_error`)');
    expect(textOf(ada)).not.toContain('The last seven days');
  });

  it('fits into Slack’s limits whatever the catalog and the record hold', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scopekeeper-catalog-'));
    const scopes = Array.from({ length: 100 }, (_, index) => `a${index}:${'x'.repeat(70)}`);
    const catalog = scopes.map((scope) => ({ scope, label: '<&>'.repeat(25), reason: '<&>'.repeat(100) }));
    writeFileSync(join(folder, 'scopes.json'), JSON.stringify(catalog));
    const { slack, ada } = await start({ SCOPE_CATALOG: join(folder, 'scopes.json') });
    rmSync(folder, { recursive: true });
    await slack.sendEvent({ type: 'user_resource_granted', user: 'U0ADA', scopes: scopes.slice(0, 60) });
    for (let denial = 0; denial < 10; denial += 1)
      await slack.sendEvent({ type: 'user_resource_denied', user: 'U0ADA', scopes: scopes.slice(denial) });
    await ada.openHome();
    await harness.settled();
    expect(published(harness, 'U0ADA')).toMatchObject([{ status: 200, answer: { ok: true } }]);
    expect(textOf(ada)).toContain('&lt;&amp;&gt;');
    expect(textOf(ada)).not.toContain('<&>');
    expect(textOf(ada)).toContain('The list goes on');
    expect(textOf(ada)).toContain('The last seven days');
  });
});
