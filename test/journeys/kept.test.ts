import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { install } from '../support/oauth';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const REQUEST = 'apps.permissions.users.request';
const GRANTED = { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND] };

describe.each(databases)('what is kept in memory, on %s', (database) => {
  let harness: Harness;
  afterEach(() => harness.close());

  const calls = () => harness.slack.callsTo(REQUEST);
  /** To which of the instances Slack sends. */
  const sendTo = (port: number) => harness.slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);

  it('knows at once what a user has just granted, and asks for the rest', async () => {
    harness = await startHarness({}, { database });
    const { slack, ben } = harness;
    await slack.sendEvent(GRANTED);
    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    expect(ben.prompt()?.scopes).toEqual([DND]);
    await ben.allow();
    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain('granted');
    expect(calls()).toHaveLength(1);
    await slack.takeBack('U0BEN');
    await ben.runCommand('/permissions', `request ${REMIND}`);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('hears what another instance has recorded', async () => {
    harness = await startHarness({}, { database });
    const { slack, ben, cleo, app } = harness;
    const other = await harness.startAnother();
    await ben.runCommand('/permissions', `request ${DND}`);
    await other.settled();
    await slack.sendEvent(GRANTED);

    sendTo(app.port);
    const heard = async () => {
      await ben.runCommand('/permissions', `request ${REMIND}`);
      await harness.settled();
      return ben.lastMessage()?.plain.includes('have granted') ?? false;
    };
    await until(heard);
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    expect(ben.lastMessage()?.buttons).toEqual(['Show it again']);
    // Nobody else is taken for them.
    await cleo.runCommand('/permissions', `request ${REMIND}`);
    expect(cleo.prompt()?.scopes).toEqual([REMIND]);
    await other.stop();
  });

  it('is not asked of the database again where an instance is started anew', async () => {
    harness = await startHarness({}, { database });
    const { slack, ben } = harness;
    await slack.sendEvent(GRANTED);
    await harness.restart();
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    expect(calls()).toEqual([]);
  });

  it('hears of what is written past every instance, or reads it anew', async () => {
    harness = await startHarness({}, { database });
    const { slack, ben, cleo } = harness;
    await slack.sendEvent(GRANTED);
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    expect(calls()).toEqual([]);
    if (database === 'sqlite') {
      await harness.database.run(`update grants set held = 0 where user_id = 'U0BEN'`);
      await ben.runCommand('/permissions', `request ${REMIND}`);
      expect(ben.prompt()?.scopes).toEqual([REMIND]);
    } else {
      // The connection by which it hears is lost: until it has another, nothing in memory counts.
      await harness.database.run(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'scopekeeper changes'`,
      );
      await harness.database.run(`update grants set held = 0 where user_id = 'U0BEN'`);
      await until(async () => {
        await ben.runCommand('/permissions', `request ${REMIND}`);
        await harness.settled();
        return ben.prompt() !== undefined;
      });
    }
    await cleo.runCommand('/permissions', `request ${REMIND}`);
    expect(cleo.prompt()?.scopes).toEqual([REMIND]);
  });

  it('has the token of a workspace that another instance has just installed the app in', async () => {
    const sandbox = { isInstalled: false };
    harness = await startHarness({}, { database, oauth: true, sandbox });
    const { slack, ada, ben, app } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    expect(slack.callsTo('views.open')).toEqual([]);
    const other = await harness.startAnother();
    await install({ ...harness, url: (path: string) => `http://127.0.0.1:${other.port}${path}` }, ada);
    await other.settled();
    sendTo(app.port);
    await until(async () => {
      await ben.runCommand('/permissions', `request ${DND}`);
      await harness.settled();
      return ben.surface() !== undefined;
    });
    await slack.uninstall();
    await harness.settled();
    await other.stop();
  });
});

describe('a database that cannot be read', () => {
  it('does not keep a trigger from Slack, in many workspaces at once too', async () => {
    const harness = await startHarness(
      {},
      { database: 'postgres', oauth: true, sandbox: { isInstalled: false } },
    );
    const { slack, ada, ben, database } = harness;
    await install(harness, ada);
    await ben.runCommand('/permissions', `request ${DND}`);
    await ben.cancel();
    await harness.settled();
    // What has just changed is read again when the app has a moment.
    await harness.clock.advance(100);
    await harness.settled();
    const lock = await database.lockReaders();
    const command = ben.runCommand('/permissions', `request ${REMIND}`);
    await until(() => slack.callsTo('views.open').length === 2);
    expect(ben.surface()?.texts.join()).toContain(REMIND);
    await lock.release();
    await command;
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${DND}`, `requested ${REMIND}`]);
    await harness.close();
  });
});
