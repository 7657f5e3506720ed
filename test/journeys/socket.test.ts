import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const METHOD = 'apps.permissions.users.request';
const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

/** The app has no signing secret here: nothing could come by HTTP. */
describe.each(eitherDatabase)('asking in Slack’s own prompt, by socket, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database, transport: 'socket' });
  });
  afterEach(async () => {
    expect(new Set(harness.slack.deliveries.map(({ transport }) => transport))).toEqual(new Set(['socket']));
    await harness.close();
  });

  async function expectAsked(triggerId: unknown, source: string, scopes = [REMIND]): Promise<void> {
    await harness.settled();
    const { slack, ben } = harness;
    expect(slack.callsTo(METHOD).map(({ args }) => args)).toEqual([
      { token: slack.botToken, scopes: scopes.join(), trigger_id: triggerId, user: 'U0BEN' },
    ]);
    expect(ben.prompt()?.scopes).toEqual(scopes);
    await ben.allow();
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${scopes.join()}`, `granted ${scopes.join()}`]);
    expect((await harness.log()).at(-1)).toMatchObject({ trigger_source: source });
    expect(ben.lastMessage()?.plain).toContain('Noted: you granted');
  }

  it('begins with the command', async () => {
    const { ben } = harness;
    const { payload } = await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await expectAsked(payload.trigger_id, 'slash_command', [REMIND, DND]);
  });

  it('begins with the button of /permissions', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions');
    ben.choose('Permissions', ['Set reminders for you']);
    const { payload } = await ben.press('Ask for these');
    await expectAsked(payload.trigger_id, 'block_action');
  });

  it('begins with the dialog', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', 'form');
    ben.choose('Permission', ['Set reminders for you']);
    const { payload } = await ben.submit();
    await expectAsked(payload.trigger_id, 'dialog_submission');
  });

  it('begins with the dialog, where it brings no trigger, and "Continue"', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', 'form');
    ben.choose('Permission', ['Set reminders for you']);
    await ben.submit({ omitTriggerId: true });
    await harness.settled();
    const { payload } = await ben.press('Continue');
    await expectAsked(payload.trigger_id, 'block_action');
  });

  it('begins with the shortcut and its modal, which says what is missing', async () => {
    const { ben } = harness;
    await ben.runShortcut('request_permissions');
    expect(ben.surface()).toMatchObject({ kind: 'modal', title: 'Request permissions' });
    ben.choose('Permissions', ['Set reminders for you']);
    const { payload } = await ben.submit();
    await expectAsked(payload.trigger_id, 'view_submission');
  });

  it('has every permission event in the database before it is acknowledged', async () => {
    const { slack } = harness;
    const [user, trigger_id] = ['U0BEN', '1.2.abc'];
    for (const [event, logged] of [
      [{ type: 'user_resource_granted', user, scopes: [REMIND], trigger_id }, `granted ${REMIND}`],
      [{ type: 'user_resource_denied', user, scopes: [DND], trigger_id }, `denied ${DND}`],
      [{ type: 'user_resource_removed', user, trigger_id }, `removed ${REMIND}`],
      [{ type: 'scope_granted', scopes: ['chat:write'], trigger_id }, 'granted chat:write'],
      [{ type: 'scope_denied', scopes: ['commands'], trigger_id }, 'denied commands'],
      [{ type: 'app_uninstalled' }, 'removed chat:write'],
    ] as const) {
      expect(await slack.sendEvent(event)).toMatchObject({ status: 200, attempt: 1 });
      expect((await harness.events()).at(-1)).toBe(logged);
    }
  });

  it('acknowledges no event that it could not record: Slack sends it again, and it is recorded once', async () => {
    const { slack, database: place, clock } = harness;
    await place.run('alter table log_scopes rename to hidden_scopes');
    const event = { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND], trigger_id: '1.2.abc' };
    const sending = slack.sendEvent(event);
    // Not acknowledged, it is sent again after Slack's three seconds, at once and then after a minute.
    const attempts = (count: number) =>
      until(async () => {
        await clock.advance(100);
        return slack.deliveries.length === count;
      });
    await attempts(2);
    expect(slack.deliveries[0]).toMatchObject({ status: undefined, error: 'http_timeout' });
    await clock.advance(3_000);
    await place.run('alter table hidden_scopes rename to log_scopes');
    await clock.advance(60_000);
    expect(await sending).toMatchObject({ status: 200, attempt: 3 });
    expect(await harness.events()).toEqual([`granted ${REMIND}`]);
  });

  it('goes on over another connection where one breaks', async () => {
    const { slack, ben, clock } = harness;
    slack.sockets.drop();
    await until(async () => {
      await clock.advance(500);
      return slack.sockets.count() > 0;
    });
    const { payload } = await ben.runCommand('/permissions', `request ${REMIND}`);
    await expectAsked(payload.trigger_id, 'slash_command');
  });
});
