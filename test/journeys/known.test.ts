import { backends } from '../support/backends';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { install } from '../support/oauth';
import { startStallingProxy } from '../support/stalling-proxy';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const REQUEST = 'apps.permissions.users.request';
const GRANTED = { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND] };

let harness: Harness;
afterEach(() => harness.close());

describe.each(databases)('what is known before an exchange, on %s', (database) => {
  const calls = () => harness.slack.callsTo(REQUEST);
  /** To which of the instances Slack sends. */
  const sendTo = (port: number) => harness.slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);

  async function ask(scopes: string): Promise<void> {
    await harness.ben.runCommand('/permissions', `request ${scopes}`);
    await harness.settled();
  }

  it('is at once what a user has just granted: only the rest is asked for', async () => {
    harness = await startHarness({}, { database });
    const { slack, ben } = harness;
    await slack.sendEvent(GRANTED);
    await ask(`${REMIND},${DND}`);
    expect(ben.prompt()?.scopes).toEqual([DND]);
    await ben.allow();
    await ask(`${REMIND},${DND}`);
    expect(ben.lastMessage()?.plain).toContain('granted');
    expect(calls()).toHaveLength(1);
    await slack.takeBack('U0BEN');
    await ask(REMIND);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('is at once what another instance has recorded, also after a restart', async () => {
    harness = await startHarness({}, { database });
    const { slack, ben, cleo, app } = harness;
    const other = await harness.startAnother();
    await ask(DND);
    await other.settled();
    await slack.sendEvent(GRANTED);

    sendTo(app.port);
    await ask(REMIND);
    expect(ben.lastMessage()?.plain).toContain('have granted');
    await ask(DND);
    expect(ben.lastMessage()?.buttons).toEqual(['Show it again']);
    // Nobody else is taken for them.
    await cleo.runCommand('/permissions', `request ${REMIND}`);
    expect(cleo.prompt()?.scopes).toEqual([REMIND]);
    await other.stop();
    await harness.restart();
    await ask(REMIND);
    expect(calls()).toHaveLength(2);
  });

  it('is what was written past every instance', async () => {
    harness = await startHarness({}, { database });
    await harness.slack.sendEvent(GRANTED);
    await ask(REMIND);
    expect(calls()).toEqual([]);
    await harness.database.run(`update grants set held = 0 where user_id = 'U0BEN'`);
    await ask(REMIND);
    expect(harness.ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('is the token of a workspace that another instance has just installed the app in', async () => {
    harness = await startHarness({}, { database, oauth: true, sandbox: { isInstalled: false } });
    const { slack, ada, ben, app } = harness;
    await ask(REMIND);
    expect(slack.callsTo('views.open')).toEqual([]);
    const other = await harness.startAnother();
    await install({ ...harness, url: (path: string) => `http://127.0.0.1:${other.port}${path}` }, ada);
    await other.settled();
    sendTo(app.port);
    await ask(DND);
    expect(ben.surface()).toBeDefined();
    await other.stop();
  });
});

describe.each(backends)('a database that does not answer, by $name', ({ oauth, method, isAsked, close }) => {
  const DELAYED = 'the database did not say in time what a user holds';

  it('delays a trigger by 150 ms, and what was asked is recorded when it answers', async () => {
    harness = await startHarness({}, { database: 'postgres', oauth, sandbox: { isInstalled: !oauth } });
    const { slack, ada, ben, clock, database } = harness;
    if (oauth) await install(harness, ada);
    await ben.runCommand('/permissions', `request ${DND}`);
    await close(ben);
    await harness.settled();
    const lock = await database.lockReaders();
    const command = ben.runCommand('/permissions', `request ${REMIND}`);
    // Our own reads wait for the lock, too.
    await until(
      async () =>
        (
          await database.run(`select 1 from pg_stat_activity
            where wait_event_type = 'Lock' and query like '%permission_requests where team_id%'`)
        ).length > 0,
    );
    await clock.advance(149);
    expect(slack.callsTo(method)).toHaveLength(1);
    await clock.advance(1);
    await until(() => slack.callsTo(method).length === 2);
    expect(isAsked(ben, REMIND)).toBe(true);
    await lock.release();
    await command;
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${DND}`, `requested ${REMIND}`]);
    expect(harness.lines.filter((line) => line.includes(DELAYED))).toHaveLength(1);
  });

  it('keeps no trigger where its connections hang', async () => {
    harness = await startHarness({}, { database: 'postgres', oauth });
    const proxy = await startStallingProxy(harness.database.url);
    await harness.app.stop();
    harness.environment.DATABASE_URL = proxy.url;
    await harness.start();
    const { ben, clock, slack } = harness;
    proxy.stallAt('permission_requests where team_id');
    const command = ben.runCommand('/permissions', `request ${REMIND}`);
    await until(() => proxy.hasStalled());
    await clock.advance(150);
    await until(() => slack.callsTo(method).length === 1);
    expect(isAsked(ben, REMIND)).toBe(true);
    await command;
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`]);
    await harness.close();
    proxy.close();
  });
});
