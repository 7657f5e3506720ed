import type { Page } from '../../sandbox/types';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { ask, install, openConsent } from '../support/oauth';
import { scopeSet } from '../support/scope-sets';
import { until } from '../support/until';

const DND = 'dnd:write:user';
const REQUEST = 'apps.permissions.users.request';
const BURST = 20;

describe.each(databases)('a rush, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database });
  });
  afterEach(() => harness.close());

  const prompts = () => harness.slack.callsTo(REQUEST).filter(({ status }) => status === 200);
  const refused = () => harness.slack.callsTo(REQUEST).filter(({ status }) => status === 429);

  /** Slack's own burst is spent: the next call meets a 429. */
  async function spendBurst(): Promise<void> {
    for (let number = 0; number < BURST; number += 1) {
      await harness.ada.runCommand('/permissions', `request ${scopeSet(number)}`);
      harness.ada.closePrompt();
    }
    await harness.settled();
  }

  it('gives whoever meets the limit a place, and calls them when it is their turn', async () => {
    const { ben, clock } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    expect(refused()).toHaveLength(1);
    expect(ben.prompt()).toBeUndefined();
    expect(ben.lastMessage()?.plain).toMatch(
      /Slack takes about 20 of these a minute\. You are number 1, about 1 minute/,
    );
    expect(ben.lastMessage()?.buttons).toEqual([]);

    await until(async () => {
      await clock.advance(1_000);
      await harness.settled();
      return ben.lastMessage()?.buttons.includes('Continue') ?? false;
    });
    expect(ben.lastMessage()).toMatchObject({ ephemeral: true, plain: expect.stringContaining('your turn') });
    await ben.press('Continue');
    expect(ben.prompt()?.scopes).toEqual([DND]);
    expect(refused()).toHaveLength(1);
    await ben.allow();
    await harness.settled();
    expect(
      (await harness.log()).filter(({ user_id }) => user_id === 'U0BEN').map(({ event }) => event),
    ).toEqual(['failed', 'requested', 'granted']);
  });

  it.each(['ratelimited', 'rate_limited'])(
    'queues whoever is refused by the word %s with HTTP 200, as by a 429',
    async (error) => {
      const { ben, slack, clock } = harness;
      slack.faults.answerNext(REQUEST, { body: { ok: false, error }, headers: { 'Retry-After': '5' } });
      await ben.runCommand('/permissions', `request ${DND}`);
      await harness.settled();
      expect(ben.lastMessage()?.plain).toContain('You are number 1');
      expect(await harness.log()).toMatchObject([{ event: 'failed', error: 'ratelimited' }]);
      await clock.advance(6_000);
      await harness.settled();
      await ben.press('Continue');
      expect(ben.prompt()?.scopes).toEqual([DND]);
    },
  );

  it.each([
    ['99999999999', 10],
    ['1e308', 10],
    ['0', 1],
    ['-5', 1],
    ['soon', 1],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 1],
    [null, 1],
  ])('waits ten minutes at most, and says so, where Retry-After is %p', async (retryAfter, minutes) => {
    const { ben, slack, clock } = harness;
    const headers: Record<string, string> = retryAfter === null ? {} : { 'Retry-After': retryAfter };
    slack.faults.answerNext(REQUEST, { status: 429, headers, body: { ok: false, error: 'ratelimited' } });
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain(`about ${minutes} minute`);
    await clock.advance(minutes * 60_000 - 30_000, 10_000);
    await harness.settled();
    await clock.advance(30_000);
    await harness.settled();
    await clock.advance(2_000);
    await harness.settled();
    expect(ben.messages().flatMap(({ buttons }) => buttons)).toEqual(['Continue']);
  });

  const LIMITED = {
    status: 429,
    headers: { 'Retry-After': '5' },
    body: { ok: false, error: 'ratelimited' },
  };

  /** The numbers that people were told last, by what they asked for. */
  function numbersTold(): Map<string, number> {
    const told = new Map<string, number>();
    for (const person of [harness.ada, harness.ben, harness.cleo]) {
      for (const { plain } of person.messages()) {
        const [, number, scopes] = /You are number (\d+),.*?for (.*) when it is your turn/.exec(plain) ?? [];
        if (scopes !== undefined) told.set(`${person.id} ${scopes}`, Number(number));
      }
    }
    return told;
  }

  it('gives everybody a number of their own, which only falls, also who was in flight when Slack said no', async () => {
    const { slack, ada, ben, cleo, clock } = harness;
    const ask = (number: number) =>
      [ada, ben, cleo][number % 3]!.runCommand('/permissions', `request ${scopeSet(number)}`);
    slack.faults.answerAlways(REQUEST, { ...LIMITED, delayMs: 1_000 });
    const inFlight = Array.from({ length: 9 }, (_, number) => ask(number));
    await until(() => slack.callsTo(REQUEST).length === 9);
    slack.faults.answerNext(REQUEST, LIMITED);
    for (let number = 9; number < 13; number += 1) await ask(number);
    await harness.app.settled();
    expect([...numbersTold().values()]).toEqual(expect.arrayContaining([1, 2, 3, 4]));
    await clock.advance(1_000);
    await Promise.all(inFlight);
    await harness.settled();
    const first = numbersTold();
    expect([...first.values()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 13 }, (_, index) => index + 1),
    );

    // Who is called, and refused again, has not lost their turn; and nobody else moves back by it.
    slack.faults.answerAlways(REQUEST, LIMITED);
    const called = () =>
      [ada, ben, cleo].find((person) => person.messages().some(({ buttons }) => buttons.length > 0));
    await until(async () => {
      await clock.advance(1_000);
      await harness.settled();
      return called() !== undefined;
    });
    await called()?.press('Continue');
    await harness.settled();
    for (let number = 0; number < 13; number += 1) await ask(number);
    await harness.settled();
    const second = numbersTold();
    for (const [who, number] of second) expect(number).toBeLessThanOrEqual(first.get(who) ?? 0);
    expect(new Set(second.values()).size).toBe(second.size);
  });

  it('loses nobody’s turn where the database fails while it is given', async () => {
    const { ben, clock, database: place } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    await place.run(
      database === 'sqlite'
        ? `create trigger away before update on permission_requests when new.expires_at is not null and new.state = 'waiting'
             begin select raise(abort, 'away'); end`
        : `create function away() returns trigger language plpgsql as $$ begin
             if new.expires_at is not null and new.state = 'waiting' then raise exception 'away'; end if; return new; end $$;
           create trigger away before update on permission_requests for each row execute function away()`,
    );
    await clock.advance(90_000, 10_000);
    await harness.settled();
    expect(ben.messages().flatMap(({ buttons }) => buttons)).toEqual([]);
    await place.run(
      database === 'sqlite'
        ? 'drop trigger away'
        : 'drop trigger away on permission_requests; drop function away',
    );
    await clock.advance(2_000);
    await harness.settled();
    expect(ben.messages().flatMap(({ buttons }) => buttons)).toEqual(['Continue']);
  });

  it('tells whoever was called by an instance that could not tell them', async () => {
    const { ben, clock, database: place } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    await place.run(`update turns set called_at_ms = ${clock.now()}`);
    for (let second = 0; second < 8; second += 1) {
      await clock.advance(1_000);
      await harness.settled();
    }
    expect(ben.messages().flatMap(({ buttons }) => buttons)).toEqual(['Continue']);
    await clock.advance(20_000);
    await harness.settled();
    expect(ben.messages().flatMap(({ buttons }) => buttons)).toEqual(['Continue']);
    await ben.press('Continue');
    await harness.settled();
    expect(ben.prompt()?.scopes).toEqual([DND]);
  });

  it('makes no call while Retry-After runs, and keeps the order', async () => {
    const { ben, cleo, clock } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await cleo.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    expect(refused()).toHaveLength(1);
    expect(cleo.lastMessage()?.plain).toContain('You are number 2');
    const isCalled = (person: typeof ben) => person.lastMessage()?.buttons.includes('Continue') ?? false;
    await until(async () => {
      await clock.advance(1_000);
      await harness.settled();
      return isCalled(ben);
    });
    expect(isCalled(cleo)).toBe(false);
    await clock.advance(4_000);
    await harness.settled();
    expect(isCalled(cleo)).toBe(true);
    await cleo.press('Continue');
    await ben.press('Continue');
    expect(prompts()).toHaveLength(BURST + 2);
    expect(refused()).toHaveLength(1);
  });

  it('keeps the place of whoever asks again, and asks once', async () => {
    const { ben, clock } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain('You are number 1');
    expect(harness.slack.callsTo(REQUEST)).toHaveLength(BURST + 1);
    await clock.advance(20_000);
    await harness.settled();
    expect(ben.messages().filter(({ buttons }) => buttons.includes('Continue'))).toHaveLength(1);
  });

  it('gives the turn of whoever does not come to the next', async () => {
    const { ben, cleo, clock } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    await clock.advance(10_000);
    await harness.settled();
    expect(ben.lastMessage()?.buttons).toEqual(['Continue']);
    await clock.advance(61_000, 10_000);
    await cleo.runCommand('/permissions', `request ${DND}`);
    expect(cleo.prompt()?.scopes).toEqual([DND]);
    await ben.press('Continue');
    await harness.settled();
    expect(ben.prompt()?.scopes).toEqual([DND]);
  });

  it('keeps turns over a restart, and calls by a message then', async () => {
    const { ben, clock } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    await harness.restart();
    await clock.advance(20_000);
    await harness.settled();
    expect(ben.lastMessage()).toMatchObject({ ephemeral: false, buttons: ['Continue'] });
    await ben.press('Continue');
    expect(ben.prompt()?.scopes).toEqual([DND]);
  });

  it('has at most ten exchanges of one workspace under way, so that no more can meet a 429', async () => {
    const { slack, ada, ben, cleo } = harness;
    slack.faults.answerAlways(REQUEST, { hang: true });
    const asked = Array.from({ length: 15 }, (_, number) =>
      [ada, ben, cleo][number % 3]!.runCommand('/permissions', `request ${scopeSet(number)}`),
    );
    await until(() => slack.callsTo(REQUEST).length === 10);
    await harness.clock.advance(2_900);
    await Promise.all(asked);
    await harness.settled();
    // The others’ triggers died while they waited: they were not spent on it.
    expect(slack.callsTo(REQUEST)).toHaveLength(10);
    for (const person of [ada, ben, cleo]) expect(person.lastMessage()?.buttons).toEqual(['Continue']);
    slack.faults.answerAlways(REQUEST, undefined);
    await ben.press('Continue');
    expect(ben.prompt()).toBeDefined();
  });

  it('goes back to calling at once when Slack has been calm for a minute', async () => {
    const { ben, clock } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    // Each look of the app at its queue comes to its end before the next: one that is under way skips others.
    for (let passedMs = 0; passedMs < 130_000; passedMs += 10_000) {
      await clock.advance(10_000, 10_000);
      await harness.settled();
    }
    expect(await harness.database.run('select * from rushes')).toEqual([]);
    const before = prompts().length;
    await harness.ada.runCommand('/permissions', `request ${scopeSet(BURST)}`);
    await harness.cleo.runCommand('/permissions', `request ${DND}`);
    expect(prompts().length).toBe(before + 2);
    expect(refused()).toHaveLength(1);
  });

  it.each([
    ['24', []],
    ['0', ['Continue']],
  ])('with DENIAL_COOLDOWN_HOURS=%s calls for what was denied meanwhile by %p', async (hours, buttons) => {
    harness.environment.DENIAL_COOLDOWN_HOURS = hours;
    await harness.restart();
    const { ben, cleo, slack, clock } = harness;
    await spendBurst();
    await ben.runCommand('/permissions', `request ${DND}`);
    await cleo.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    await slack.sendEvent({ type: 'user_resource_denied', user: 'U0BEN', scopes: [DND] });
    await until(async () => {
      await clock.advance(1_000);
      await harness.settled();
      return cleo.lastMessage()?.buttons.includes('Continue') ?? false;
    });
    expect(ben.messages().flatMap((message) => message.buttons)).toEqual(buttons);
  });

  it('calls whoever asks again after a denial: they can always ask', async () => {
    const { ben, slack, clock } = harness;
    await spendBurst();
    await slack.sendEvent({ type: 'user_resource_denied', user: 'U0BEN', scopes: [DND] });
    await clock.advance(1);
    await ben.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    await until(async () => {
      await clock.advance(1_000);
      await harness.settled();
      return ben.lastMessage()?.buttons.includes('Continue') ?? false;
    });
    await ben.press('Continue');
    expect(ben.prompt()?.scopes).toEqual([DND]);
  });

  it.each([
    ['20', 20],
    ['50', 50],
  ])('calls at the rate of TIER2_PER_MINUTE=%s', async (perMinute, most) => {
    harness.environment.TIER2_PER_MINUTE = perMinute;
    await harness.restart();
    const { ada, ben, cleo, clock } = harness;
    await spendBurst();
    for (let number = 0; number < most + 10; number += 1) {
      const person = [ada, ben, cleo][number % 3] ?? ada;
      await person.runCommand('/permissions', `request ${scopeSet(30 + number)}`);
    }
    await harness.settled();
    const called = () =>
      harness.database.run('select 1 from turns where called_at_ms is not null').then(({ length }) => length);
    const first = async () => (await called()) > 0;
    await until(async () => {
      await clock.advance(1_000);
      await harness.settled();
      return first();
    });
    for (let second = 0; second < 58; second += 1) {
      await clock.advance(1_000);
      await harness.settled();
    }
    expect(await called()).toBeGreaterThanOrEqual(most - 1);
    expect(await called()).toBeLessThanOrEqual(most + 1);
  });
});

describe.each(databases)('a rush over OAuth, on %s', (database) => {
  it.each([
    ['denied', (page: Page) => page.deny(), []],
    [
      'left out, by the user or for want of an admin',
      (page: Page) => page.allow({ untick: ['dnd:write'] }),
      ['Continue'],
    ],
    ['refused by Slack', (page: Page) => page.deny({ bySlack: true }), ['Continue']],
  ])('after %s meanwhile, calls by %p or not', async (_what, answer, buttons) => {
    const sandbox = { optionalScopes: ['dnd:write'] };
    const harness = await startHarness({ REQUEST_TTL_MINUTES: '1' }, { database, oauth: true, sandbox });
    const { ben, cleo, slack, clock } = harness;
    await ask(harness, ben, DND);
    const page = await openConsent(ben);
    // It counts as unanswered, and can be answered for some minutes more.
    await clock.advance(62_000, 10_000);
    await harness.settled();
    slack.faults.answerNext('views.open', { status: 429, headers: { 'retry-after': '30' } }, 2);
    await ask(harness, ben, DND);
    await ask(harness, cleo, DND);
    await answer(page);
    await harness.settled();
    await until(async () => {
      await clock.advance(1_000);
      await harness.settled();
      return cleo.lastMessage()?.buttons.includes('Continue') ?? false;
    });
    expect(ben.messages().flatMap((message) => message.buttons)).toEqual(buttons);
    await harness.close();
  });
});

describe.each(databases)('many workspaces, on %s', (database) => {
  it('wait for nobody but themselves', async () => {
    const harness = await startHarness({}, { database, oauth: true, sandbox: { isInstalled: false } });
    const { slack, ada, ben, cleo } = harness;
    await install(harness, ada);
    await install(harness, ada, { teamId: 'T0SECOND' });
    slack.faults.answerAlways('views.open', { hang: true });
    const asked = Array.from({ length: 20 }, (_, number) =>
      [ada, ben, cleo][number % 3]!.runCommand('/permissions', `request ${scopeSet(number)}`),
    );
    await until(() => slack.callsTo('views.open').length === 10);
    slack.faults.answerAlways('views.open', undefined);
    const stranger = slack.as('U0BEN', { teamId: 'T0SECOND' });
    await stranger.runCommand('/permissions', `request ${DND}`);
    expect(stranger.surface()?.texts.join()).toContain(DND);
    await harness.clock.advance(2_900);
    await Promise.all(asked);
    await harness.settled();
    expect(slack.callsTo('views.open')).toHaveLength(11);
    for (const person of [ada, ben, cleo]) expect(person.lastMessage()?.buttons).toEqual(['Continue']);
    await harness.close();
  });
});

describe('two instances in a rush, on postgres', () => {
  it('give everybody a number of their own', async () => {
    const harness = await startHarness({}, { database: 'postgres' });
    const { slack, ada, ben, cleo, clock, app } = harness;
    const other = await harness.startAnother();
    const headers = { 'Retry-After': '5' };
    const limited = { status: 429, headers, body: { ok: false, error: 'ratelimited' } };
    slack.faults.answerAlways(REQUEST, { ...limited, delayMs: 500 });
    const asked: Promise<unknown>[] = [];
    for (let number = 0; number < 12; number += 1) {
      const port = [app.port, other.port][number % 2] ?? 0;
      slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
      if (number === 8) slack.faults.answerAlways(REQUEST, limited);
      const person = [ada, ben, cleo][number % 3] ?? ada;
      asked.push(person.runCommand('/permissions', `request ${scopeSet(number)}`));
      if (number < 8) await until(() => slack.callsTo(REQUEST).length === number + 1);
      else await asked.at(-1);
    }
    await clock.advance(500);
    await Promise.all(asked);
    await harness.settled();
    await other.settled();
    await slack.settled();
    const numbers = [ada, ben, cleo].flatMap((person) =>
      person.messages().map(({ plain }) => Number(/You are number (\d+),/.exec(plain)?.[1])),
    );
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    await other.stop();
    await harness.close();
  });

  it('hand out the same turns: in order, once, at one rate', async () => {
    const harness = await startHarness({}, { database: 'postgres' });
    const { slack, ada, ben, cleo, clock, app } = harness;
    const other = await harness.startAnother();
    const send = (port: number) => slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    for (let number = 0; number < BURST; number += 1) {
      send([app.port, other.port][number % 2] ?? 0);
      await ada.runCommand('/permissions', `request ${scopeSet(number)}`);
      ada.closePrompt();
    }
    await ben.runCommand('/permissions', `request ${DND}`);
    await other.settled();
    // Whoever met the limit knows at once; the other within a second.
    await clock.advance(1_000);
    await harness.settled();
    await other.settled();
    send(app.port);
    await cleo.runCommand('/permissions', `request ${DND}`);
    await harness.settled();
    expect(cleo.lastMessage()?.plain).toContain('You are number 2');
    const called: string[] = [];
    for (let second = 0; second < 12; second += 1) {
      await clock.advance(1_000);
      await harness.settled();
      await other.settled();
      await slack.settled();
      for (const person of [ben, cleo]) {
        const isCalled = person.lastMessage()?.buttons.includes('Continue') ?? false;
        if (isCalled && !called.includes(person.id)) called.push(person.id);
      }
    }
    expect(called).toEqual(['U0BEN', 'U0CLEO']);
    for (const person of [ben, cleo])
      expect(person.messages().filter(({ buttons }) => buttons.includes('Continue'))).toHaveLength(1);
    await cleo.press('Continue');
    await ben.press('Continue');
    expect(slack.callsTo(REQUEST).filter(({ status }) => status === 200)).toHaveLength(BURST + 2);
    expect(slack.callsTo(REQUEST).filter(({ status }) => status === 429)).toHaveLength(1);
    await other.stop();
    await harness.close();
  });
});
