import { createHash } from 'node:crypto';
import { copyFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

const GRANTED = { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND], trigger_id: '1.1.c' };

/** Of 255 characters that no index could make shorter. */
function toLongScope(index: number): string {
  return createHash('shake256', { outputLength: 128 }).update(String(index)).digest('hex').slice(0, 255);
}

describe.each(databases)('what comes back, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database });
  });
  afterEach(() => harness.close());

  const noticesTo = (user: 'ben' | 'cleo') =>
    harness[user]
      .messages()
      .filter((message) => message.text.startsWith('Noted:'))
      .map((message) => message.text);

  it('records a grant, joined to its request, and tells the user once', async () => {
    const { ben, slack } = harness;
    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await ben.allow();
    await harness.settled();

    const [requested, granted] = await harness.log();
    expect(granted).toMatchObject({
      event: 'granted',
      user_id: 'U0BEN',
      team_id: slack.teamId,
      scopes: [REMIND, DND],
      source: 'slack_event',
      request_id: requested?.request_id,
      trigger_source: 'slash_command',
      event_id: expect.stringMatching(/^Ev/),
      error: null,
    });
    expect(await harness.grants()).toMatchObject([
      { team_id: slack.teamId, user_id: 'U0BEN', scope: DND, source: 'slack_event' },
      { team_id: slack.teamId, user_id: 'U0BEN', scope: REMIND, source: 'slack_event' },
    ]);
    expect(noticesTo('ben')).toEqual([`Noted: you granted \`${REMIND}\` and \`${DND}\`.`]);
  });

  it('records a denial, grants nothing, and tells the user once', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.deny();
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `denied ${REMIND}`]);
    expect(await harness.grants()).toEqual([]);
    expect(noticesTo('ben')).toHaveLength(1);
    expect(noticesTo('ben')[0]).toContain(`Noted: you did not grant \`${REMIND}\``);
  });

  it('records that a user took everything back', async () => {
    const { ben, cleo, slack } = harness;
    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await ben.allow();
    await cleo.runCommand('/permissions', `request ${REMIND}`);
    await cleo.allow();
    await slack.takeBack('U0BEN');
    await harness.settled();
    expect((await harness.events()).at(-1)).toBe(`removed ${DND},${REMIND}`);
    expect(await harness.grants()).toMatchObject([{ user_id: 'U0CLEO', scope: REMIND }]);
    expect(noticesTo('ben').at(-1)).toContain('Noted: you took back');
    expect(noticesTo('cleo')).toHaveLength(1);
  });

  it('records a grant of some scopes only', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await ben.allow([DND]);
    await harness.clock.advance(20 * 60_000, 60_000);
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND},${DND}`, `granted ${DND}`]);
    expect(await harness.grants()).toMatchObject([{ scope: DND }]);
  });

  it('records what Slack tells of the app itself, with no user, and tells nobody', async () => {
    const { slack } = harness;
    await slack.sendEvent({ type: 'scope_granted', scopes: ['channels:read'], trigger_id: '1.2.a' });
    await slack.sendEvent({ type: 'scope_denied', scopes: ['channels:history'], trigger_id: '1.2.b' });
    await harness.settled();
    expect(await harness.log()).toMatchObject([
      { event: 'granted', user_id: null, scopes: ['channels:read'], request_id: null },
      { event: 'denied', user_id: null, scopes: ['channels:history'], request_id: null },
    ]);
    expect(await harness.grants()).toMatchObject([{ user_id: null, scope: 'channels:read' }]);
    expect(slack.callsTo('chat.postMessage')).toEqual([]);
  });

  it('ends every grant of the team when the app is uninstalled, and keeps the log', async () => {
    const { slack, ben, cleo } = harness;
    for (const person of [ben, cleo]) {
      await person.runCommand('/permissions', `request ${REMIND}`);
      await person.allow();
    }
    await slack.sendEvent(
      { type: 'user_resource_granted', user: 'U0FAR', scopes: [DND], trigger_id: '1.2.c' },
      { teamId: 'T0OTHER' },
    );
    await slack.sendEvent({ type: 'app_uninstalled' });
    expect((await harness.log()).slice(5)).toMatchObject([
      { event: 'removed', user_id: 'U0BEN', scopes: [REMIND], reason: 'app_uninstalled' },
      { event: 'removed', user_id: 'U0CLEO', scopes: [REMIND], reason: 'app_uninstalled' },
      { event: 'removed', user_id: null, scopes: [], reason: 'app_uninstalled' },
    ]);
    expect(await harness.grants()).toMatchObject([{ team_id: 'T0OTHER', user_id: 'U0FAR' }]);
  });

  it('ends the grants of the users whose tokens were revoked', async () => {
    const { slack, ben, cleo } = harness;
    for (const person of [ben, cleo]) {
      await person.runCommand('/permissions', `request ${REMIND}`);
      await person.allow();
    }
    await slack.sendEvent({ type: 'tokens_revoked', tokens: { oauth: ['U0CLEO'], bot: [] } });
    await harness.settled();
    expect((await harness.log()).at(-1)).toMatchObject({
      event: 'removed',
      user_id: 'U0CLEO',
      reason: 'tokens_revoked',
    });
    expect(await harness.grants()).toMatchObject([{ user_id: 'U0BEN' }]);
    expect(noticesTo('cleo')).toHaveLength(2);
    expect(noticesTo('ben')).toHaveLength(1);
  });

  it('never exchanges the trigger of an event', async () => {
    const { slack, ben } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.deny();
    await slack.sendEvent({ type: 'scope_denied', scopes: ['channels:read'], trigger_id: '9.9.fresh' });
    await harness.settled();
    expect(slack.callsTo('apps.permissions.users.request')).toHaveLength(1);
    const later = slack.calls.filter((call) => call.args.trigger_id === '9.9.fresh');
    expect(later).toEqual([]);
  });

  it('joins an answer whose trigger matches no request to the newest open request with those scopes', async () => {
    const { slack, ben, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    ben.closePrompt();
    await clock.advance(1_000);
    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await clock.advance(1_000);
    await ben.runCommand('/permissions', `request dnd:read:user`);
    await harness.settled();
    const [, second] = await harness.log();
    await slack.sendEvent({
      type: 'user_resource_granted',
      user: 'U0BEN',
      scopes: [REMIND],
      trigger_id: '7.7.unknown',
    });
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'granted', request_id: second?.request_id });
  });

  it('records an answer that no request led to', async () => {
    const { slack } = harness;
    await slack.sendEvent({
      type: 'user_resource_granted',
      user: 'U0CLEO',
      scopes: ['stars:write:user'],
      trigger_id: '7.7.x',
    });
    expect(await harness.log()).toMatchObject([
      { event: 'granted', user_id: 'U0CLEO', request_id: null, trigger_source: null },
    ]);
  });

  it('logs a request that nobody answered, and still counts a later answer', async () => {
    const { ben, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    await clock.advance(9 * 60_000, 60_000);
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`]);
    await clock.advance(61_000, 30_000);
    await harness.settled();
    const [requested, unanswered] = await harness.log();
    expect(unanswered).toMatchObject({
      event: 'unanswered',
      source: 'app',
      request_id: requested?.request_id,
    });

    await ben.allow();
    expect((await harness.log()).at(-1)).toMatchObject({
      event: 'granted',
      request_id: requested?.request_id,
    });
    await harness.restart(60 * 60_000);
    await clock.advance(2_000);
    await harness.settled();
    expect(await harness.log()).toHaveLength(3);
  });

  it('logs requests that ran out while the app was down', async () => {
    const { ben, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    await harness.app.stop();
    await clock.advance(11 * 60_000);
    await harness.start();
    await clock.advance(1_000);
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `unanswered ${REMIND}`]);
  });

  it('records the same event_id once, and tells of it once', async () => {
    const { slack } = harness;
    const event = { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND], trigger_id: '1.1.a' };
    await Promise.all([
      slack.sendEvent(event, { eventId: 'Ev0SAME' }),
      slack.sendEvent(event, { eventId: 'Ev0SAME' }),
      slack.sendEvent(event, { eventId: 'Ev0SAME' }),
    ]);
    await slack.sendEvent(event, { eventId: 'Ev0SAME' });
    await harness.settled();
    expect(await harness.events()).toEqual([`granted ${REMIND}`]);
    expect(noticesTo('ben')).toHaveLength(1);
  });

  it('does not let a late event undo a newer one, and says so in the log', async () => {
    const { slack, ben, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();
    await harness.settled();
    const before = Math.floor(clock.now() / 1_000) - 60;
    await slack.sendEvent(
      { type: 'user_resource_removed', user: 'U0BEN', trigger_id: '1.1.l' },
      { eventTime: before },
    );
    await slack.sendEvent(
      { type: 'user_resource_granted', user: 'U0BEN', scopes: [DND], trigger_id: '1.1.l' },
      { eventTime: before - 1 },
    );
    await harness.settled();
    expect((await harness.log()).slice(2)).toMatchObject([
      { event: 'removed', scopes: [], error: 'superseded' },
      { event: 'granted', scopes: [DND], error: 'superseded' },
    ]);
    expect(await harness.grants()).toMatchObject([{ scope: REMIND }]);
    expect(noticesTo('ben')).toHaveLength(1);
  });

  it('changes nothing at the same event under another id', async () => {
    const { slack } = harness;
    const event = { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND], trigger_id: '1.1.m' };
    await slack.sendEvent(event, { eventId: 'Ev0ONE' });
    await slack.sendEvent(event, { eventId: 'Ev0TWO' });
    await harness.settled();
    expect(await harness.log()).toMatchObject([{ event: 'granted', event_id: 'Ev0ONE' }]);
    expect(noticesTo('ben')).toHaveLength(1);
  });

  it('does not lose an answer that overtakes the answer to the request', async () => {
    const { slack, ben, clock } = harness;
    slack.faults.answerNext('apps.permissions.users.request', {
      afterEffect: true,
      delayMs: 500,
      body: { ok: true },
    });
    const command = ben.runCommand('/permissions', `request ${REMIND}`);
    await until(() => ben.prompt() !== undefined);
    const allowing = ben.allow();
    await clock.advance(500);
    await Promise.all([command, allowing]);
    const [requested, granted] = await harness.log();
    expect(requested).toMatchObject({ event: 'requested' });
    expect(granted).toMatchObject({ event: 'granted', request_id: requested?.request_id });
    await clock.advance(20 * 60_000, 60_000);
    await harness.settled();
    expect(await harness.log()).toHaveLength(2);
  });

  it('is sent the event again by Slack when it cannot be recorded, and records it then', async () => {
    const { slack, clock } = harness;
    const lock = await harness.database.lock();
    const sent = slack.sendEvent({
      type: 'user_resource_granted',
      user: 'U0BEN',
      scopes: [REMIND],
      trigger_id: '1.1.b',
    });
    // The lock is waited for, on PostgreSQL by the server's own clock; then the event is refused.
    await until(async () => {
      if (database === 'sqlite') await clock.advance(100);
      return slack.deliveries[0]?.status !== undefined;
    });
    expect(slack.deliveries[0]).toMatchObject({ status: 500, attempt: 1 });
    await lock.release();
    // Slack has sent it again at once: time for one more try of the app's, and not for Slack to give up.
    await clock.advance(100);
    expect((await sent).status).toBe(200);
    expect(slack.deliveries[1]).toMatchObject({ status: 200, attempt: 2 });
    expect(await harness.events()).toEqual([`granted ${REMIND}`]);
  });

  it('tells users after a restart, and after Slack has had a fault', async () => {
    const { slack, ben, clock } = harness;
    slack.faults.answerAlways('chat.postMessage', { status: 503, text: '' });
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();
    await harness.settled();
    expect(noticesTo('ben')).toEqual([]);
    await harness.restart();
    slack.faults.answerAlways('chat.postMessage', undefined);
    await clock.advance(10_000);
    await harness.settled();
    expect(noticesTo('ben')).toHaveLength(1);
    await clock.advance(600_000, 60_000);
    await harness.settled();
    expect(noticesTo('ben')).toHaveLength(1);
  });

  it('tells users after most of a day without Slack', async () => {
    const { slack, ben, clock } = harness;
    slack.faults.answerAlways('chat.postMessage', { status: 503, text: '' });
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();
    await harness.settled();
    // No wait between two tries is longer than ten minutes, and nothing else is of matter in between.
    for (let minutes = 0; minutes < 23 * 60; minutes += 10) {
      clock.set(10 * 60_000);
      await clock.advance(1_000);
      await harness.settled();
    }
    slack.faults.answerAlways('chat.postMessage', undefined);
    clock.set(10 * 60_000);
    await clock.advance(1_000);
    await harness.settled();
    expect(noticesTo('ben')).toHaveLength(1);
  });

  it('gives up telling a user whom Slack cannot reach', async () => {
    const { slack, ben, clock } = harness;
    slack.faults.answerAlways('chat.postMessage', { body: { ok: false, error: 'user_disabled' } });
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();
    await clock.advance(600_000, 60_000);
    await harness.settled();
    expect(slack.callsTo('chat.postMessage')).toHaveLength(1);
  });

  it.each([
    ['no user', { type: 'user_resource_granted', scopes: [REMIND], trigger_id: '1.1.c' }],
    [
      'a user that is null',
      { type: 'user_resource_granted', user: null, scopes: [REMIND], trigger_id: '1.1.c' },
    ],
    [
      'scopes that are no list',
      { type: 'user_resource_granted', user: 'U0BEN', scopes: REMIND, trigger_id: '1.1.c' },
    ],
    ['no scopes', { type: 'user_resource_granted', user: 'U0BEN', scopes: [], trigger_id: '1.1.c' }],
    ['a NUL in it', { type: 'user_resource_granted', user: 'U0BEN', scopes: ['a:b\0'], trigger_id: '1.1.c' }],
    ['tokens that are no lists', { type: 'tokens_revoked', tokens: 'all' }],
    ['a scope of 10,000 characters', { ...GRANTED, scopes: [DND, 'x'.repeat(10_000)] }],
    ['a scope of 256 characters', { ...GRANTED, scopes: ['x'.repeat(256)] }],
    ['a user of 10,000 characters', { ...GRANTED, user: 'U'.repeat(10_000) }],
    ['a trigger of 10,000 characters', { ...GRANTED, trigger_id: '1'.repeat(10_000) }],
    [
      'a token’s owner of 10,000 characters',
      { type: 'tokens_revoked', tokens: { oauth: ['U'.repeat(10_000)] } },
    ],
    ['a visitor of 10,000 characters', { type: 'app_home_opened', user: 'U'.repeat(10_000), tab: 'home' }],
  ])('refuses an event with %s, once and for all', async (_what, event) => {
    const { slack, clock } = harness;
    const sent = slack.sendEvent(event);
    await clock.advance(6 * 60_000, 60_000);
    expect(await sent).toMatchObject({ status: 400, attempt: 1 });
    expect((await sent).responseBody).toMatch(/^(The event cannot be read|Not a request of Slack.s): .+\.$/);
    expect(await harness.log()).toEqual([]);
  });

  it.each([['event'], ['team']])('refuses an event of an %s of 10,000 characters', async (what) => {
    const id = 'T'.repeat(10_000);
    const { slack, clock } = harness;
    const sent = slack.sendEvent(GRANTED, what === 'team' ? { teamId: id } : { eventId: id });
    await clock.advance(6 * 60_000, 60_000);
    expect(await sent).toMatchObject({ status: 400, attempt: 1 });
    expect(await harness.log()).toEqual([]);
  });

  it('records an event of many scopes, each as long as a name may be, and none of it twice', async () => {
    const { slack } = harness;
    const scopes = Array.from({ length: 40 }, (_, index) => toLongScope(index)).sort();
    for (let time = 0; time < 2; time += 1) {
      const sent = await slack.sendEvent({ ...GRANTED, scopes });
      expect(sent).toMatchObject({ status: 200, attempt: 1 });
    }
    expect(await harness.log()).toMatchObject([{ event: 'granted', scopes }]);
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual(scopes);
  });
});

describe('what comes back while the PostgreSQL server is away', () => {
  it('is refused, sent again by Slack, and recorded when the server is back', async () => {
    const harness = await startHarness({}, { database: 'postgres' });
    const { slack, clock } = harness;
    const away = await harness.database.makeUnavailable();
    const sent = slack.sendEvent({
      type: 'user_resource_granted',
      user: 'U0BEN',
      scopes: [REMIND],
      trigger_id: '1.1.b',
    });
    // At once, and at once again.
    await until(() => slack.deliveries[1]?.status !== undefined);
    expect(slack.deliveries.map(({ status }) => status)).toEqual([500, 500]);
    await away.bringBack();
    await clock.advance(60_000, 10_000);
    expect((await sent).status).toBe(200);
    expect(await harness.events()).toEqual([`granted ${REMIND}`]);
    await harness.close();
  });
});

describe('what comes back after the SQLite file was lost under the app', () => {
  it.each([
    ['deleted', 'was deleted while', (path: string) => rmSync(path)],
    ['replaced', 'was replaced while', (path: string) => renameSync(`${path}.other`, path)],
    ['cut short', 'was cut short while', (path: string) => truncateSync(path)],
  ])('is refused from that moment: %s', async (_what, words, lose) => {
    const harness = await startHarness({}, { database: 'sqlite' });
    const { slack, clock } = harness;
    const send = (user: string) =>
      slack.sendEvent({ type: 'user_resource_granted', user, scopes: [REMIND], trigger_id: `1.${user}.b` });
    expect((await send('U0BEN')).status).toBe(200);
    const path = new URL(harness.database.url).pathname;
    copyFileSync(path, `${path}.other`);
    lose(path);

    const sent = send('U0ADA');
    await clock.advance(6 * 60_000, 60_000);
    expect((await sent).status).toBe(500);
    expect(slack.deliveries.slice(1).map(({ status }) => status)).toEqual([500, 500, 500, 500]);
    expect((await fetch(harness.url('/healthz'))).status).toBe(503);
    const told = harness.lines.filter((line) => line.includes(words));
    expect(told[0]).toContain('restore a backup');
    await harness.close();
  });
});
