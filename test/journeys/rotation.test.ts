import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness, TEST_KEY } from '../support/harness';
import { ask, consent, install } from '../support/oauth';
import { scopeSet } from '../support/scope-sets';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const HOUR_MS = 60 * 60_000;
/** A token lasts twelve hours, by Slack's library from the system's time on, and is renewed within the last two of them. */
const EXPIRY_MS = 12 * HOUR_MS + 30_000;
const RENEWAL_MS = 10 * HOUR_MS + 60_000;
const OTHER_KEY = Buffer.alloc(32, 'o').toString('hex');
const REFUSED = { body: { ok: false, error: 'invalid_refresh_token' } };

describe.each(eitherDatabase)('tokens that expire, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    const sandbox = { isInstalled: false, tokenRotation: true };
    harness = await startHarness({}, { database, oauth: true, sandbox });
    await install(harness, harness.ada);
  });
  afterEach(() => harness.close());

  const refreshes = () =>
    harness.slack.callsTo('oauth.v2.access').filter(({ args }) => args.grant_type === 'refresh_token');
  const modals = () => harness.slack.callsTo('views.open');
  const lastModalIsShown = () => expect(modals().at(-1)?.answer).toMatchObject({ ok: true });
  const storedTokens = () => harness.database.run('select token, refresh_token from bot_installations');

  let asked = 50;
  /** Scopes that nobody was asked for yet. */
  const another = () => scopeSet(asked++);

  /** Many commands at once, which all find the token expired. */
  function askManyTimes(count: number): Promise<unknown> {
    const { ada, ben, cleo } = harness;
    const commands = Array.from({ length: count }, (_, index) => {
      const person = [ada, ben, cleo][index % 3] ?? ada;
      return person.runCommand('/permissions', `request ${scopeSet(index)}`);
    });
    return Promise.all(commands);
  }

  it('are renewed by one call, though fifty requests come at the moment of expiry', async () => {
    await harness.restart(EXPIRY_MS);
    await askManyTimes(50);
    await harness.settled();
    expect(refreshes()).toHaveLength(1);
    const [old, fresh] = harness.slack.botTokens();
    expect(modals().map(({ args, answer }) => ({ token: args.token, answer }))).toEqual(
      Array(50).fill({ token: fresh?.value, answer: expect.objectContaining({ ok: true }) }),
    );
    expect(old?.value).not.toBe(fresh?.value);
    const asked = Array.from({ length: 50 }, (_, index) => `requested ${scopeSet(index)}`);
    expect((await harness.events()).sort()).toEqual(asked.sort());
  });

  it('are renewed by one call of one instance, where two have the same database', async () => {
    await harness.restart(EXPIRY_MS);
    const { slack, clock } = harness;
    const first = harness.url('/slack/events');
    const other = await harness.startAnother();
    const atOther = askManyTimes(10);
    slack.setRequestUrl(first);
    let isDone = false;
    const all = Promise.all([atOther, askManyTimes(10)])
      .then(() => Promise.all([other.settled(), harness.settled()]))
      .then(() => {
        isDone = true;
      });
    // Whoever has to wait for the other, for its call or its writing, looks again and again.
    await until(async () => {
      await clock.advance(10);
      return isDone;
    });
    await all;
    expect(refreshes()).toHaveLength(1);
    expect(modals().map(({ answer }) => answer)).toEqual(
      Array(20).fill(expect.objectContaining({ ok: true })),
    );
    await other.stop();
  });

  it('are renewed by one of two instances ahead of time, too', async () => {
    await harness.restart(RENEWAL_MS);
    const other = await harness.startAnother();
    await harness.clock.advance(61_000, 10_000);
    await until(() => refreshes().length > 0);
    await other.stop();
    await harness.restart();
    expect(refreshes()).toHaveLength(1);
    expect(harness.slack.botTokens()).toHaveLength(2);
  });

  it('are renewed ahead of time, while the old one is used, and nobody waits', async () => {
    const { slack, clock, ben } = harness;
    await harness.restart(RENEWAL_MS);
    slack.faults.answerNext('oauth.v2.access', { delayMs: 5_000 });
    await ask(harness, ben, another());
    lastModalIsShown();
    const [old] = slack.botTokens();
    expect(modals().at(-1)?.args.token).toBe(old?.value);
    expect(refreshes()).toHaveLength(1);
    await clock.advance(5_000);
    await until(() => slack.botTokens().length === 2);
    await until(async () => {
      await ask(harness, ben, another());
      return modals().at(-1)?.args.token === slack.botTokens()[1]?.value;
    });
    expect(refreshes()).toHaveLength(1);
  });

  it('are renewed where nobody asks for anything', async () => {
    const { clock } = harness;
    await harness.restart(RENEWAL_MS);
    expect(refreshes()).toHaveLength(0);
    await clock.advance(61_000, 10_000);
    await until(() => refreshes().length === 1);
  });

  it('are not lost where the app stops in the middle of a renewal, and the database is busy', async () => {
    const { slack, clock, ben, database: place } = harness;
    await harness.restart(RENEWAL_MS);
    slack.faults.answerNext('oauth.v2.access', { delayMs: 1_000 });
    await ask(harness, ben, another());
    await until(() => refreshes().length === 1);
    const lock = await place.lock();
    let isStopped = false;
    const stopping = harness.app.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(1_000);
    await until(() => refreshes()[0]?.status === 200);
    // Slack has taken the old refresh token away; what it gave for it waits to be written.
    await clock.advance(100);
    await lock.release();
    await until(async () => {
      await clock.advance(50);
      return isStopped;
    });
    await stopping;
    await clock.advance(2 * HOUR_MS, 60_000);
    await harness.start();
    await ask(harness, ben, another());
    lastModalIsShown();
    expect(modals().at(-1)?.args.token).toBe(slack.botTokens()[1]?.value);
  });

  it('outlast a fault of Slack’s: the user is offered "Continue", and it goes on', async () => {
    const { slack, ben } = harness;
    await harness.restart(EXPIRY_MS);
    slack.faults.answerNext('oauth.v2.access', { status: 500, text: 'oops' });
    await ask(harness, ben, REMIND);
    expect(modals()).toEqual([]);
    expect(ben.lastMessage()?.buttons).toEqual(['Continue']);
    expect(await harness.events()).toEqual([`failed ${REMIND}`]);
    await ben.press('Continue');
    await harness.settled();
    lastModalIsShown();
    expect(refreshes()).toHaveLength(2);
  });

  it('outlast a Slack that does not answer: the user hears of it within the three seconds', async () => {
    const { slack, clock, ben } = harness;
    await harness.restart(EXPIRY_MS);
    slack.faults.answerNext('oauth.v2.access', { hang: true });
    const command = ben.runCommand('/permissions', `request ${REMIND}`);
    await until(() => refreshes().length === 1);
    await clock.advance(2_850);
    expect(await command).toMatchObject({ status: 200, durationMs: 2_850 });
    await harness.settled();
    expect(ben.lastMessage()?.buttons).toEqual(['Continue']);
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error: 'no_time_left' });

    await clock.advance(30_000);
    await harness.settled();
    await ben.press('Continue');
    await harness.settled();
    lastModalIsShown();
    expect(modals()).toHaveLength(1);
  });

  it('are used to their end where Slack refuses to renew them, and the operator reads of it', async () => {
    const { slack, ada, ben, lines } = harness;
    await harness.restart(RENEWAL_MS);
    slack.faults.answerAlways('oauth.v2.access', REFUSED);
    await ask(harness, ben, another());
    lastModalIsShown();
    await until(() => lines.some((line) => line.includes('slack refuses to renew a token')));
    await ask(harness, ben, another());
    lastModalIsShown();
    expect(refreshes()).toHaveLength(1);

    await harness.restart(2 * HOUR_MS);
    await ask(harness, ben, another());
    expect(ben.lastMessage()?.plain).toContain('An admin has to act');
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error: 'invalid_refresh_token' });
    slack.faults.answerAlways('oauth.v2.access', undefined);
    await install(harness, ada);
    await ask(harness, ben, another());
    lastModalIsShown();
  });

  it('are kept where Slack refuses to renew them and they have expired: it may think better of it', async () => {
    const { slack, ben } = harness;
    await harness.restart(EXPIRY_MS);
    slack.faults.answerNext('oauth.v2.access', REFUSED);
    await ask(harness, ben, another());
    await ask(harness, ben, another());
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error: 'invalid_refresh_token' });
    expect(refreshes()).toHaveLength(1);
    expect(await storedTokens()).toHaveLength(1);
    await harness.clock.advance(11 * 60_000, 60_000);
    await harness.settled();
    await ask(harness, ben, another());
    lastModalIsShown();
    expect(refreshes()).toHaveLength(2);
  });

  it.each(['token_revoked', 'account_inactive'])('are erased where Slack says %s', async (error) => {
    const { slack, ben } = harness;
    await harness.restart(EXPIRY_MS);
    slack.faults.answerNext('oauth.v2.access', { body: { ok: false, error } });
    await ask(harness, ben, another());
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error: 'not_installed' });
    expect(await storedTokens()).toEqual([]);
  });

  it('are used from memory where the database is away when Slack answers, and stored when it is back', async () => {
    const { slack, clock, ben, database: place, lines } = harness;
    await harness.restart(RENEWAL_MS);
    slack.faults.answerNext('oauth.v2.access', { delayMs: 1_000 });
    await ask(harness, ben, another());
    await until(() => refreshes().length === 1);
    await place.run('alter table bot_installations rename to hidden_installations');
    await clock.advance(1_000);
    await until(() =>
      lines.some((line) => line.includes('a renewed token could not be stored: kept in memory')),
    );
    await place.run('alter table hidden_installations rename to bot_installations');
    await ask(harness, ben, another());
    lastModalIsShown();
    expect(modals().at(-1)?.args.token).toBe(slack.botTokens()[1]?.value);
    await clock.advance(2_000);
    await harness.restart(3 * HOUR_MS);
    await ask(harness, ben, another());
    lastModalIsShown();
    expect(modals().at(-1)?.args.token).toBe(slack.botTokens()[1]?.value);
    expect(refreshes()).toHaveLength(1);
  });

  describe('of users', () => {
    beforeEach(async () => {
      await consent(harness, harness.ben, REMIND);
      await harness.restart(EXPIRY_MS);
    });

    const userTokens = () => harness.slack.userTokens().map(({ value }) => value);

    async function sweep(): Promise<string> {
      const { ada, clock } = harness;
      const before = ada.messages().length;
      await ada.runCommand('/permissions', 'sync');
      await until(async () => {
        await clock.advance(500);
        return ada.messages().length >= before + 2;
      });
      await harness.settled();
      return ada.lastMessage()?.plain ?? '';
    }

    it('are renewed before the sync asks about them', async () => {
      expect(await sweep()).toBe('Done: 1 page, 1 user, 0 changes.');
      const [, fresh] = userTokens();
      const tested = harness.slack.callsTo('auth.test').map(({ args }) => args.token);
      expect(tested.at(-1)).toBe(fresh);
      expect(await harness.grants()).toHaveLength(1);
    });

    it('are not taken for dead where Slack cannot renew them now', async () => {
      const { slack } = harness;
      await ask(harness, harness.cleo, REMIND);
      slack.faults.answerAlways('oauth.v2.access', { status: 500, text: 'oops' });
      expect(await sweep()).toMatch(/^Done: 1 page, 0 users, 0 changes. 1 user was skipped.*`http_500`/);
      await harness.ben.runCommand('/permissions', 'revoke');
      await harness.ben.press('Take it back');
      await harness.settled();
      expect(
        harness.ben
          .messages()
          .map(({ plain }) => plain)
          .join(),
      ).toContain('nothing was changed');
      expect(await harness.grants()).toHaveLength(1);

      slack.faults.answerAlways('oauth.v2.access', undefined);
      await harness.clock.advance(10_000);
      expect(await sweep()).toContain('0 changes');
      expect(await harness.grants()).toHaveLength(1);
    });

    it('end what they stood for where Slack refuses to renew them, and still does after an hour', async () => {
      const { slack } = harness;
      await ask(harness, harness.cleo, REMIND);
      slack.faults.answerAlways('oauth.v2.access', REFUSED);
      expect(await sweep()).toContain('(`invalid_refresh_token`)');
      expect(await harness.grants()).toHaveLength(1);
      await harness.restart(61 * 60_000);
      expect(await sweep()).toBe('Done: 1 page, 0 users, 1 change.');
      expect(await harness.grants()).toEqual([]);
    });

    it('are renewed where Slack says that they have expired, whatever the clock here says', async () => {
      const { slack } = harness;
      await ask(harness, harness.cleo, REMIND);
      await sweep();
      const before = refreshes().length;
      slack.faults.answerNext('auth.test', { body: { ok: false, error: 'token_expired' } });
      expect(await sweep()).toBe('Done: 1 page, 1 user, 0 changes.');
      expect(refreshes()).toHaveLength(before + 1);
      expect(slack.callsTo('auth.test').at(-1)?.args.token).toBe(userTokens().at(-1));
    });

    it('leave no living pair where they are taken back in the middle of a renewal', async () => {
      const { slack, ben, clock } = harness;
      await ask(harness, harness.cleo, REMIND);
      // Its renewal is due, and the old one is good.
      const atMs = clock.now() + HOUR_MS;
      await harness.database.run(`update user_tokens set expires_at_ms = ${atMs}`);
      slack.faults.answerNext('oauth.v2.access', { delayMs: 2_000 });
      const before = refreshes().length;
      await ben.runCommand('/permissions', 'revoke');
      await ben.press('Take it back');
      await until(() => refreshes().length > before);
      expect(slack.callsTo('auth.revoke')).toEqual([]);
      await clock.advance(2_000);
      await until(() => slack.callsTo('auth.revoke').length === 2);
      await harness.settled();
      expect(slack.callsTo('auth.revoke').at(-1)?.args.token).toBe(userTokens()[1]);
      expect(slack.granted('U0BEN')).toEqual([]);
      expect(await harness.database.run('select 1 from user_tokens')).toEqual([]);
    });

    it('are given to Slack to be revoked as they are where it refuses to renew them', async () => {
      const { slack, ben, clock } = harness;
      await ask(harness, harness.cleo, REMIND);
      const atMs = clock.now() + HOUR_MS;
      await harness.database.run(`update user_tokens set expires_at_ms = ${atMs}`);
      slack.faults.answerNext('oauth.v2.access', REFUSED);
      await ben.runCommand('/permissions', 'revoke');
      await ben.press('Take it back');
      await harness.settled();
      expect(slack.callsTo('auth.revoke').at(-1)?.args.token).toBe(userTokens()[0]);
    });

    it('are renewed to be revoked', async () => {
      const { slack, ben } = harness;
      await ben.runCommand('/permissions', 'revoke');
      await ben.press('Take it back');
      await harness.settled();
      expect(slack.callsTo('auth.revoke').map(({ args }) => args.token)).toEqual([
        expect.stringMatching(/^xoxe-1-/),
        userTokens()[1],
      ]);
      expect(slack.granted('U0BEN')).toEqual([]);
      expect(await harness.grants()).toEqual([]);
      await consent(harness, ben, DND);
      expect((await harness.grants()).map(({ scope }) => scope)).toEqual([DND]);
    });

    it.each([
      ['the token', 1, 'can no longer be renewed, but Slack did not confirm (`http_503`) that it has ended'],
      ['the refresh token', 0, 'Slack did not confirm (`http_503`) the same of the one that renews it'],
    ])('stay where Slack does not confirm that it has revoked %s', async (_which, index, sentence) => {
      const { slack, ben } = harness;
      await ask(harness, harness.cleo, REMIND);
      for (const fault of index === 0 ? [] : [{}]) slack.faults.answerNext('auth.revoke', fault);
      slack.faults.answerNext('auth.revoke', { status: 503, text: '' });
      const takeBack = async () => {
        await ben.runCommand('/permissions', 'revoke');
        await ben.press('Take it back');
        await harness.settled();
        return ben
          .messages()
          .map(({ plain }) => plain)
          .join();
      };
      expect(await takeBack()).toContain(sentence);
      expect(await harness.grants()).toHaveLength(1);
      expect(slack.granted('U0BEN')).toEqual(['reminders:write']);
      expect(await takeBack()).toContain('Slack has revoked your token');
      expect(slack.granted('U0BEN')).toEqual([]);
      expect(await harness.grants()).toEqual([]);
    });
  });
});

describe.each(eitherDatabase)('the key that tokens are encrypted with, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database, oauth: true, sandbox: { isInstalled: false } });
    await install(harness, harness.ada);
    await consent(harness, harness.ben, REMIND);
    await harness.app.stop();
  });
  afterEach(() => harness.close());

  async function isRead(): Promise<void> {
    await harness.start();
    await ask(harness, harness.ben, DND);
    expect(harness.slack.callsTo('views.open').at(-1)?.answer).toMatchObject({ ok: true });
    await harness.ben.runCommand('/permissions', 'revoke');
    await harness.ben.press('Take it back');
    await harness.settled();
    expect(harness.slack.granted('U0BEN')).toEqual([]);
  }

  it('may be another from now on, while the old one is named after a comma', async () => {
    harness.environment.TOKEN_ENCRYPTION_KEY = `${OTHER_KEY}, ${TEST_KEY}`;
    await isRead();
  });

  it.each([
    ['is another', OTHER_KEY, /TOKEN_ENCRYPTION_KEY is not the key .* after a comma/],
    ['is missing', '', /TOKEN_ENCRYPTION_KEY is missing/],
    ['is no key', 'c2hvcnQ=', /TOKEN_ENCRYPTION_KEY cannot be read/],
  ])('stops the start with a sentence where it %s, and nothing is lost', async (_what, key, sentence) => {
    harness.environment.TOKEN_ENCRYPTION_KEY = key;
    await expect(harness.start()).rejects.toThrow(sentence);
    harness.environment.TOKEN_ENCRYPTION_KEY = TEST_KEY;
    await isRead();
  });
});
