import type { Answer } from '../../sandbox/types';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const LIST = 'apps.permissions.users.list';
const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

let harness: Harness;
afterEach(() => harness.close());

/** An admin asks for a sweep, and reads how it ended. It waits for nothing but Slack and the database. */
async function sweep(): Promise<string> {
  await harness.ada.runCommand('/permissions', 'sync');
  await harness.settled();
  return harness.ada.lastMessage()?.plain ?? '';
}

/** The same for a sweep that waits for time to pass. */
async function sweepThroughTime(whileItRuns?: () => Promise<void>): Promise<string> {
  const { ada, clock } = harness;
  const before = ada.messages().length;
  await ada.runCommand('/permissions', 'sync');
  await whileItRuns?.();
  await until(async () => {
    await clock.advance(500);
    return ada.messages().length >= before + 2;
  });
  await harness.settled();
  return ada.lastMessage()?.plain ?? '';
}

async function grant(user: 'ben' | 'cleo', ...scopes: string[]): Promise<void> {
  await harness[user].runCommand('/permissions', `request ${scopes.join()}`);
  await harness[user].allow();
  await harness.clock.advance(10_000);
}

const fill = (count: number) => {
  for (let user = 0; user < count; user += 1) harness.slack.grantDirectly(`U${1_000 + user}`, [REMIND]);
};
const callsArrived = async (count: number) => {
  await until(() => harness.slack.callsTo(LIST).length >= count);
  expect(harness.slack.callsTo(LIST)).toHaveLength(count);
};
const fromTheList = async () =>
  (await harness.log())
    .filter(({ source }) => source === 'users_list')
    .map(({ event, user_id, scopes }) => `${event} ${user_id} ${String(scopes)}`);

describe.each(databases)('the sync with apps.permissions.users.list, on %s', (database) => {
  beforeEach(async () => {
    harness = await startHarness({}, { database });
  });

  it('logs what Slack has and we lack as granted, what we have and Slack lacks as removed', async () => {
    const { slack, clock } = harness;
    await grant('ben', REMIND, DND);
    await grant('cleo', REMIND);
    slack.revokeDirectly('U0BEN', [DND]);
    slack.revokeDirectly('U0CLEO');
    slack.grantDirectly('U0ADA', [REMIND, DND]);

    expect(await sweep()).toBe('Done: 1 page, 2 users, 4 changes.');
    expect(await fromTheList()).toEqual([
      `granted U0ADA ${DND},${REMIND}`,
      `removed U0BEN ${DND}`,
      `removed U0CLEO ${REMIND}`,
    ]);
    expect(
      (await harness.grants()).map(({ user_id, scope, source }) => `${user_id} ${scope} ${source}`),
    ).toEqual([`U0ADA ${DND} users_list`, `U0ADA ${REMIND} users_list`, `U0BEN ${REMIND} slack_event`]);
    await clock.advance(10_000);
    expect(await sweep()).toBe('Done: 1 page, 2 users, 0 changes.');
  });

  it('asks for 200 users a page, form-encoded, with the cursor that Slack gave', async () => {
    fill(450);
    expect(await sweep()).toBe('Done: 3 pages, 450 users, 450 changes.');
    const calls = harness.slack.callsTo(LIST);
    expect(calls.map(({ args }) => args.limit)).toEqual(['200', '200', '200']);
    expect(calls.map(({ args }) => 'cursor' in args)).toEqual([false, true, true]);
    expect(new Set(calls.map(({ contentType }) => contentType))).toEqual(
      new Set(['application/x-www-form-urlencoded']),
    );
    expect(Object.keys(calls[1]!.args).sort()).toEqual(['cursor', 'limit', 'token']);
  });

  it('ends the request whose event was lost, and tells the user', async () => {
    const { slack, ben, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    ben.closePrompt();
    await harness.settled();
    slack.grantDirectly('U0BEN', [REMIND]);
    await clock.advance(10_000);
    await sweep();
    await clock.advance(2_000);
    await harness.settled();
    const [requested, granted] = await harness.log();
    expect(granted).toMatchObject({
      event: 'granted',
      source: 'users_list',
      request_id: requested?.request_id,
    });
    expect(ben.lastMessage()?.plain).toContain('Noted: you granted');
    await harness.restart(11 * 60_000);
    await clock.advance(2_000);
    await harness.settled();
    expect(await harness.log()).toHaveLength(2);
  });

  it('files what came beside the answer of such a request as not asked for', async () => {
    const { slack, ben, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    ben.closePrompt();
    await harness.settled();
    slack.grantDirectly('U0BEN', [REMIND, DND]);
    await clock.advance(10_000);
    await sweep();
    await clock.advance(2_000);
    await harness.settled();
    const [requested, ...granted] = await harness.log();
    const request_id = requested?.request_id;
    expect(granted).toMatchObject([
      { event: 'granted', scopes: [REMIND], request_id, error: null },
      { event: 'granted', scopes: [DND], request_id: null, error: 'not_requested' },
    ]);
    const told = ben.messages().map(({ plain }) => plain);
    expect(told.filter((text) => text.includes('Noted: you granted'))).toEqual([
      expect.not.stringContaining(DND),
    ]);
    expect(told.join()).toContain('Slack also gave this app');
  });

  it('lets an event win over a page that is no newer than two seconds, and settles it with the next sweep', async () => {
    const { slack, clock } = harness;
    const event = { type: 'user_resource_granted', user: 'U0CLEO', scopes: [REMIND], trigger_id: '1.1.a' };
    await slack.sendEvent(event, { eventTime: clock.now() / 1_000 - 2 });
    expect(await sweep()).toBe('Done: 1 page, 0 users, 0 changes.');
    await clock.advance(1_000);
    expect(await sweep()).toBe('Done: 1 page, 0 users, 1 change.');
    expect(await fromTheList()).toEqual([`removed U0CLEO ${REMIND}`]);
  });

  it('does not let a late event undo what a newer page said', async () => {
    const { slack, clock } = harness;
    await grant('ben', REMIND);
    slack.revokeDirectly('U0BEN');
    slack.grantDirectly('U0CLEO', [DND]);
    const before = Math.floor(clock.now() / 1_000);
    await clock.advance(10_000);
    await sweep();
    await slack.sendEvent(
      { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND], trigger_id: '1.1.late' },
      { eventTime: before },
    );
    await slack.sendEvent(
      { type: 'user_resource_removed', user: 'U0CLEO', trigger_id: '1.1.late' },
      { eventTime: before },
    );
    expect((await harness.grants()).map(({ user_id, scope }) => `${user_id} ${scope}`)).toEqual([
      `U0CLEO ${DND}`,
    ]);
  });

  it('never undoes a grant that arrives while it is under way, however late its event', async () => {
    const { slack, clock } = harness;
    fill(250);
    const answer: Answer = { delayMs: 30_000 };
    slack.faults.answerNext(LIST, {});
    slack.faults.answerNext(LIST, answer);
    await sweepThroughTime(async () => {
      await callsArrived(2);
      const event = { type: 'user_resource_granted', user: 'U0CLEO', scopes: [DND], trigger_id: '1.1.b' };
      await slack.sendEvent(event, { eventTime: clock.now() / 1_000 - 600 });
    });
    expect((await harness.grants()).filter(({ user_id }) => user_id === 'U0CLEO')).toHaveLength(1);
    await clock.advance(60_000, 10_000);
    await sweep();
    expect((await harness.grants()).filter(({ user_id }) => user_id === 'U0CLEO')).toEqual([]);
  });

  it('removes users that no page showed at the end of a sweep that reached it, never earlier', async () => {
    const { slack, clock } = harness;
    await grant('ben', REMIND);
    slack.revokeDirectly('U0BEN');
    fill(250);
    slack.faults.answerNext(LIST, {});
    slack.faults.answerNext(LIST, { body: { ok: false, error: 'fatal_error' } });
    expect(await sweep()).toContain('It stopped at `fatal_error` after 1 page, 200 users, 200 changes.');
    expect((await harness.grants()).filter(({ user_id }) => user_id === 'U0BEN')).toHaveLength(1);

    await clock.advance(60_000, 10_000);
    await harness.restart();
    expect(await sweep()).toBe('Done: 2 pages, 250 users, 51 changes.');
    // What Slack answered may be at fault from the first page on: all of it is read again.
    expect(slack.callsTo(LIST).map(({ args }) => 'cursor' in args)).toEqual([false, true, false, true]);
    expect((await harness.grants()).filter(({ user_id }) => user_id === 'U0BEN')).toEqual([]);
  });

  it('shows admins how the last sweep ended', async () => {
    const { slack, ada, ben } = harness;
    slack.faults.answerNext(LIST, { body: { ok: false, error: 'no_permission' } });
    expect(await sweep()).toContain('reinstall the app as a workspace app');
    slack.faults.answerNext(LIST, { body: { ok: false, error: 'missing_scope' } });
    await sweep();
    await sweep();
    expect(ada.messages().at(-2)?.plain).toMatch(/The last time was .*: stopped at `missing_scope`/);
    await ben.runCommand('/permissions', 'sync');
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain('is for the admins of this workspace');
  });

  it('starts over where Slack no longer knows the cursor', async () => {
    const { slack } = harness;
    fill(250);
    slack.faults.answerNext(LIST, {});
    slack.faults.answerNext(LIST, { body: { ok: false, error: 'invalid_cursor' } });
    expect(await sweep()).toBe('Done: 2 pages, 250 users, 50 changes.');
    expect(slack.callsTo(LIST).map(({ args }) => 'cursor' in args)).toEqual([false, true, false, true]);
  });

  it('never delays a permission request', async () => {
    const { slack, ada, ben } = harness;
    slack.faults.answerNext(LIST, { status: 429, headers: { 'Retry-After': '60' }, body: { ok: false } });
    await ada.runCommand('/permissions', 'sync');
    await callsArrived(1);
    await ben.runCommand('/permissions', `request ${REMIND}`);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
    await harness.clock.advance(61_000);
  });

  it('goes on from its place where the way to Slack failed', async () => {
    const { slack } = harness;
    fill(450);
    slack.faults.answerNext(LIST, {});
    slack.faults.answerNext(LIST, { status: 503, text: '' }, 4);
    expect(await sweepThroughTime()).toContain('It stopped at `http_503` after 1 page');
    expect(await sweepThroughTime()).toBe('Done: 3 pages, 450 users, 450 changes.');
    const cursors = slack.callsTo(LIST).map(({ args }) => args.cursor);
    expect(new Set(cursors.slice(1, 6)).size).toBe(1);
  });

  it('lets go of a sweep that it cannot write, so that the next can go on', async () => {
    const { clock, slack } = harness;
    await harness.database.run('alter table log_scopes rename to hidden_scopes');
    fill(10);
    await harness.ada.runCommand('/permissions', 'sync');
    await harness.settled();
    expect(harness.ada.lastMessage()?.plain).toContain('It stopped at `unexpected_error` after 0 pages');
    await harness.database.run('alter table hidden_scopes rename to log_scopes');
    await clock.advance(1_000);
    expect(await sweep()).toBe('Done: 1 page, 10 users, 10 changes.');
    expect(slack.callsTo(LIST)).toHaveLength(2);
  });

  it('goes on from its place after a restart', async () => {
    const { slack, clock, ada } = harness;
    fill(450);
    slack.faults.answerNext(LIST, {});
    slack.faults.answerNext(LIST, { status: 429, headers: { 'Retry-After': '60' }, body: { ok: false } });
    await ada.runCommand('/permissions', 'sync');
    await callsArrived(2);
    await harness.restart();
    await clock.advance(60_000, 10_000);
    expect(await sweep()).toBe('Done: 3 pages, 450 users, 450 changes.');
    const cursors = slack.callsTo(LIST).map(({ args }) => args.cursor);
    expect(cursors[0]).toBeUndefined();
    expect(cursors[2]).toBe(cursors[1]);
    expect(await fromTheList()).toHaveLength(450);
  });
});

describe('a Slack that limits, fails or answers nonsense to the sync', () => {
  beforeEach(async () => {
    harness = await startHarness();
  });

  it('obeys Retry-After', async () => {
    const { slack } = harness;
    slack.faults.answerNext(LIST, {
      status: 429,
      headers: { 'Retry-After': '45' },
      body: { ok: false, error: 'ratelimited' },
    });
    expect(await sweepThroughTime()).toContain('Done: 1 page');
    const [first, second] = slack.callsTo(LIST);
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(45_000);
  });

  it.each(['ratelimited', 'rate_limited'])('waits where Slack says %s with HTTP 200, too', async (error) => {
    const { slack } = harness;
    slack.faults.answerNext(LIST, { headers: { 'Retry-After': '45' }, body: { ok: false, error } });
    expect(await sweepThroughTime()).toContain('Done: 1 page');
    const [first, second] = slack.callsTo(LIST);
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(45_000);
  });

  it.each(['99999999999', '1e308', '0', '-5', 'soon', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined])(
    'waits for ten minutes at most where Retry-After is %s',
    async (value) => {
      const { slack, ada, clock } = harness;
      const headers: Record<string, string> = value === undefined ? {} : { 'Retry-After': value };
      slack.faults.answerNext(LIST, { status: 429, headers, body: { ok: false, error: 'ratelimited' } });
      await ada.runCommand('/permissions', 'sync');
      await callsArrived(1);
      await clock.advance(10 * 60_000, 10_000);
      await harness.settled();
      expect(ada.lastMessage()?.plain).toContain('Done: 1 page');
      const [first, second] = slack.callsTo(LIST);
      expect(second!.at - first!.at).toBeGreaterThanOrEqual(30_000);
    },
  );

  it('keeps to Tier 2 by itself: a burst of twenty, then one every three seconds', async () => {
    const { slack } = harness;
    fill(200 * 24);
    expect(await sweepThroughTime()).toContain('Done: 24 pages');
    const calls = slack.callsTo(LIST);
    expect(calls.map(({ status }) => status)).toEqual(Array(24).fill(200));
    // Of n calls the last comes no earlier than a turn for each beyond the burst.
    calls.forEach(({ at }, index) => {
      expect(at - calls[0]!.at).toBeGreaterThanOrEqual((index - 19) * 3_000);
    });
  });

  it('tries a page again that did not come', async () => {
    const { slack } = harness;
    slack.faults.answerNext(LIST, { status: 503, text: '' });
    slack.faults.answerNext(LIST, { reset: true });
    expect(await sweepThroughTime()).toContain('Done: 1 page');
    expect(slack.callsTo(LIST)).toHaveLength(3);
  });

  it.each<[string, unknown]>([
    ['no resources', { ok: true }],
    ['resources that are no list', { ok: true, resources: {} }],
    ['an entry without an id', { ok: true, resources: [{ scopes: [REMIND] }] }],
    ['scopes that are no list', { ok: true, resources: [{ id: 'U0BEN', scopes: REMIND }] }],
    ['a scope that is no text', { ok: true, resources: [{ id: 'U0BEN', scopes: [7] }] }],
    ['a next_cursor that is no text', { ok: true, resources: [], response_metadata: { next_cursor: 7 } }],
    ['no object at all', []],
    ['null', null],
  ])('ends with an error at a page with %s, and removes nothing', async (_what, body) => {
    const { slack, clock } = harness;
    await grant('ben', REMIND);
    await clock.advance(60_000, 10_000);
    slack.faults.answerNext(LIST, { body });
    expect(await sweep()).toContain('It stopped at `malformed_page: ');
    expect(await harness.grants()).toHaveLength(1);
    expect(await fromTheList()).toEqual([]);
  });

  it('ends with an error at HTML, at an answer without an end, and at a cursor that leads to itself', async () => {
    const { slack } = harness;
    slack.faults.answerNext(LIST, { text: '<html>Sorry</html>' });
    expect(await sweep()).toContain('malformed_page: it is not JSON with an ok');
    slack.faults.answerNext(LIST, { endless: true });
    expect(await sweep()).toContain('malformed_page: it is not JSON with an ok, or far too long');
    const page = { ok: true, resources: [], response_metadata: { next_cursor: 'again' } };
    slack.faults.answerAlways(LIST, { body: page });
    expect(await sweep()).toContain('its next_cursor is its own');
  });
});

describe('the schedule of the sync', () => {
  it('runs at start and every SYNC_INTERVAL_MINUTES', async () => {
    harness = await startHarness({ SYNC_INTERVAL_MINUTES: '3' });
    const { slack, clock } = harness;
    expect(slack.callsTo(LIST)).toHaveLength(1);
    await clock.advance(2.5 * 60_000);
    await harness.settled();
    expect(slack.callsTo(LIST)).toHaveLength(1);
    await clock.advance(60_000, 10_000);
    await harness.settled();
    expect(slack.callsTo(LIST)).toHaveLength(2);
    await harness.restart();
    expect(slack.callsTo(LIST)).toHaveLength(3);
  });

  it('is off with 0', async () => {
    harness = await startHarness({ SYNC_INTERVAL_MINUTES: '0' });
    await harness.clock.advance(10 * 60_000, 10_000);
    expect(harness.slack.callsTo(LIST)).toEqual([]);
  });
});
