import { type Harness, startHarness } from '../support/harness';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe('every surface that brings a trigger', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.close());

  it('asks at once with the trigger of /permissions request', async () => {
    const { slack, ben } = harness;
    const delivery = await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await harness.settled();

    expect(delivery.status).toBe(200);
    const calls = slack.callsTo('apps.permissions.users.request');
    expect(calls).toHaveLength(1);
    expect(calls[0]!.args).toEqual({
      token: slack.botToken,
      scopes: `${REMIND},${DND}`,
      trigger_id: delivery.payload.trigger_id,
      user: 'U0BEN',
    });
    expect(calls[0]!.contentType).toBe('application/x-www-form-urlencoded');
    expect(ben.prompt()?.scopes).toEqual([REMIND, DND]);
    expect(ben.messages()).toEqual([]);
    expect(await harness.log()).toMatchObject([
      {
        event: 'requested',
        user_id: 'U0BEN',
        team_id: slack.teamId,
        scopes: [REMIND, DND],
        source: 'app',
        trigger_source: 'slash_command',
        error: null,
      },
    ]);
  });
});
