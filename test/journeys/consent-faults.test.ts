import type { Answer, Page } from '../../sandbox/types';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { ask, consent, openConsent, prefetch } from '../support/oauth';
import { postAction } from '../support/signed-post';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe.each(eitherDatabase)('a consent that does not count, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database, oauth: true });
  });
  afterEach(() => harness.close());

  /** Where Slack sends Ben's browser once he has allowed it. */
  async function allowAndStop(): Promise<string> {
    await ask(harness, harness.ben, REMIND);
    return (await (await openConsent(harness.ben)).allow({ dropRedirect: true })).redirect ?? '';
  }

  async function expectNothingStored(): Promise<void> {
    expect(await harness.database.run('select 1 from user_tokens')).toEqual([]);
    expect(await harness.grants()).toEqual([]);
  }

  const visit = (query: string) => harness.cleo.browser.open(harness.url(`/slack/oauth_redirect?${query}`));

  async function expectWrongAccount(page: Page): Promise<void> {
    const { ben, slack } = harness;
    await harness.settled();
    expect(page).toMatchObject({ status: 403, text: expect.stringContaining('somebody else') });
    expect(slack.callsTo('auth.revoke')).toHaveLength(1);
    expect(slack.userTokens().map(({ isRevoked }) => isRevoked)).toEqual([true]);
    await expectNothingStored();
    expect((await harness.log()).filter(({ event }) => event !== 'removed')).toMatchObject([
      { event: 'requested', user_id: 'U0BEN' },
      { event: 'failed', user_id: 'U0BEN', error: 'wrong_account', source: 'oauth' },
    ]);
    expect(ben.surface()?.texts.join()).toContain('Nothing was granted');
    expect(ben.lastMessage()?.plain).toContain('Another Slack account answered');
  }

  it('is of another account in the same browser: its token is revoked, the asker is told', async () => {
    const { ben } = harness;
    await ask(harness, ben, REMIND);
    ben.browser.signInAs('U0CLEO');
    await expectWrongAccount(await (await openConsent(ben)).allow());
  });

  it('is of somebody else who was sent the link', async () => {
    const { ben, cleo } = harness;
    await ask(harness, ben, REMIND);
    const page = await cleo.browser.open(ben.link('Allow in Slack'));
    await expectWrongAccount(await page.allow());
    expect(cleo.messages()).toEqual([]);
  });

  it.each([
    ['', {}],
    [', under token rotation', { tokenRotation: true }],
  ])('is of somebody who had granted something before: it stands%s', async (_how, sandbox) => {
    await harness.close();
    harness = await startHarness({}, { database, oauth: true, sandbox });
    const { ben, cleo, slack } = harness;
    await consent(harness, cleo, DND);
    await ask(harness, ben, REMIND);
    const page = await (await cleo.browser.open(ben.link('Allow in Slack'))).allow();
    await harness.settled();
    expect(page.status).toBe(403);
    expect(page.text).toContain('This page is for Ben Member U0BEN');
    expect(page.text).toContain('What this account had granted before still stands');
    expect(slack.callsTo('auth.revoke')).toEqual([]);
    expect(slack.granted('U0CLEO')).toContain('dnd:write');
    // What Slack has added to it cannot be taken back alone.
    expect((await harness.log()).slice(2)).toMatchObject([
      { event: 'requested', user_id: 'U0BEN' },
      { event: 'granted', user_id: 'U0CLEO', scopes: [REMIND], error: 'not_requested', request_id: null },
      { event: 'failed', user_id: 'U0BEN', error: 'wrong_account' },
    ]);
    const grants = await harness.grants();
    expect(grants.map(({ user_id, scope }) => `${user_id} ${scope}`)).toEqual([
      `U0CLEO ${DND}`,
      `U0CLEO ${REMIND}`,
    ]);
    expect(await harness.database.run('select user_id from user_tokens')).toEqual([{ user_id: 'U0CLEO' }]);
    expect(cleo.messages().map(({ plain }) => plain)).toEqual([
      expect.stringContaining('Noted: you granted'),
      expect.stringContaining('which it had not asked you for'),
    ]);
    expect(ben.surface()?.texts.join()).toContain('Nothing was granted for you');
  });

  it('is for another workspace', async () => {
    const { ben, slack } = harness;
    await ask(harness, ben, REMIND);
    const url = new URL(ben.link('Allow in Slack'));
    url.searchParams.set('team', 'T0SECOND');
    await expectWrongAccount(await (await ben.browser.open(url.href)).allow());
    expect(slack.granted('U0BEN', { teamId: 'T0SECOND' })).toEqual([]);
  });

  it('tells the operator where the token of a wrong account could not be revoked', async () => {
    const { ben, slack, lines } = harness;
    slack.faults.answerNext('auth.revoke', { status: 503, text: '' }, 2);
    await ask(harness, ben, REMIND);
    ben.browser.signInAs('U0CLEO');
    expect((await (await openConsent(ben)).allow()).status).toBe(403);
    await harness.settled();
    await expectNothingStored();
    expect(lines.filter((line) => line.includes('an unused token could not be revoked'))).toHaveLength(1);
  });

  it('comes a second time, one after the other or at once: the code is exchanged once', async () => {
    const { ben, slack, clock } = harness;
    const address = await allowAndStop();
    // While nobody can write, all of them find the state good.
    const lock = await harness.database.lock();
    const statuses: number[] = [];
    const opened = Promise.all(
      Array.from({ length: 10 }, async () => statuses.push((await ben.browser.open(address)).status)),
    );
    for (let turn = 0; turn < 15; turn += 1) await clock.advance(10);
    expect(statuses).toEqual([]);
    await lock.release();
    await until(async () => {
      await clock.advance(10);
      return statuses.length === 10;
    });
    await opened;
    expect(statuses.sort()).toEqual([200, ...Array(9).fill(400)]);
    // The browser that got the answer is shown it again, and any other that it is over.
    expect(await ben.browser.open(address)).toMatchObject({
      status: 200,
      text: expect.stringContaining('You granted'),
    });
    expect(await harness.cleo.browser.open(address)).toMatchObject({
      status: 400,
      text: expect.stringContaining('answered already'),
    });
    await harness.settled();
    expect(slack.callsTo('oauth.v2.access')).toHaveLength(1);
    expect(await harness.events()).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);
  });

  it('meets a "Not now" of the same moment: one of them is the answer', async () => {
    const { ben, slack } = harness;
    const address = await allowAndStop();
    await Promise.all([ben.browser.open(address), ben.press('Not now')]);
    await harness.settled();
    const answers = (await harness.events()).slice(1);
    expect(answers).toHaveLength(1);
    expect(slack.granted('U0BEN')).toHaveLength(answers[0]?.startsWith('granted') ? 1 : 0);
  });

  it('is looked at ahead of time, which uses nothing up', async () => {
    const { ben, slack } = harness;
    const address = await allowAndStop();
    await prefetch(address);
    expect(slack.callsTo('oauth.v2.access')).toEqual([]);
    expect(await ben.browser.open(address)).toMatchObject({ status: 200 });
    expect((await harness.events()).slice(1)).toEqual([`granted ${REMIND}`]);
  });

  it('is shown again to the browser that reloads it, also as a refusal, and after a restart', async () => {
    const { ben } = harness;
    await ask(harness, ben, REMIND);
    const refusal = (await (await openConsent(ben)).deny({ dropRedirect: true })).redirect ?? '';
    const first = await ben.browser.open(refusal);
    expect(first.text).toContain('You did not grant');
    await harness.restart();
    const { pathname, search } = new URL(refusal);
    const address = harness.url(pathname + search);
    expect(await ben.browser.open(address)).toMatchObject({ status: 200, text: first.text });
    expect(await ben.browser.open(`${address}x`)).toMatchObject({ status: 400 });
    expect(await harness.events()).toHaveLength(2);
  });

  describe('comes while the database is away', () => {
    async function takeAway(): Promise<() => Promise<void>> {
      if (database === 'sqlite') return refuseWrites();
      const away = await harness.database.makeUnavailable();
      return away.bringBack;
    }

    /** A file that is taken away would still be written to. SQLITE_FULL is also what a table without a free rowid brings. */
    async function refuseWrites(): Promise<() => Promise<void>> {
      await harness.database.run('create table no_room (id integer primary key autoincrement)');
      await harness.database.run('insert into no_room values (9223372036854775807)');
      const writes = ['update on oauth_states', 'insert on user_tokens', 'insert on grant_log'];
      for (const [number, write] of writes.entries()) {
        const body = 'begin insert into no_room values (null); end';
        await harness.database.run(`create trigger refuse_${number} before ${write} ${body}`);
      }
      return async () => {
        for (const number of writes.keys()) await harness.database.run(`drop trigger refuse_${number}`);
      };
    }

    /** Ben has allowed it, and Slack has exchanged his code, when the database goes. */
    async function exchangeAndTakeAway() {
      const address = await allowAndStop();
      harness.slack.faults.answerNext('oauth.v2.access', { delayMs: 1_000 });
      const before = harness.slack.callsTo('oauth.v2.access').length;
      const going = harness.ben.browser.open(address);
      await until(() => harness.slack.callsTo('oauth.v2.access').length > before);
      const bringBack = await takeAway();
      return { address, going, bringBack };
    }

    const pass = async (ms: number, isSo: () => boolean | Promise<boolean>) =>
      until(async () => {
        await harness.clock.advance(ms);
        return isSo();
      });
    const hasLine = (text: string) => harness.lines.some((line) => line.includes(text));

    it('before its code is exchanged: nothing is used up, and the same address works later', async () => {
      const { ben, slack } = harness;
      const address = await allowAndStop();
      const bringBack = await takeAway();
      let page: Page | undefined;
      const opened = ben.browser.open(address).then((answered) => {
        page = answered;
      });
      await pass(250, () => page !== undefined);
      await opened;
      expect(page).toMatchObject({ status: 503, text: expect.stringContaining('reload this page') });
      expect(slack.callsTo('oauth.v2.access')).toEqual([]);
      await bringBack();
      await until(async () => (await ben.browser.open(address)).status === 200);
      await harness.settled();
      expect((await harness.events()).slice(1)).toEqual([`granted ${REMIND}`]);
    });

    it('after its code was exchanged: it is stored when that can be done, and a reload says so', async () => {
      const { ben, slack } = harness;
      const { address, going, bringBack } = await exchangeAndTakeAway();
      let page: Page | undefined;
      const opened = going.then((answered) => {
        page = answered;
      });
      await pass(1_000, () => page !== undefined);
      await opened;
      expect(page).toMatchObject({ status: 202, text: expect.stringContaining('reload this page') });
      expect(hasLine('answer not stored yet: will retry')).toBe(true);
      await bringBack();
      await pass(1_000, async () => (await harness.grants()).length === 1);
      await harness.settled();
      expect(await ben.browser.open(address)).toMatchObject({
        status: 200,
        text: expect.stringContaining('You granted'),
      });
      expect(await harness.events()).toEqual([`requested ${REMIND}`, `granted ${REMIND}`]);
      expect(slack.callsTo('auth.revoke')).toEqual([]);
      expect(slack.callsTo('oauth.v2.access')).toHaveLength(1);
    });

    it('for too long: its token is revoked, and logged as failed as soon as that can be done', async () => {
      const { ben, slack } = harness;
      const { address, going, bringBack } = await exchangeAndTakeAway();
      await pass(1_000, () => slack.callsTo('auth.revoke').length > 0);
      expect(await going).toMatchObject({ status: 202 });
      await bringBack();
      await pass(1_000, async () => (await harness.log()).some(({ error }) => error === 'not_stored'));
      await harness.settled();
      expect(slack.userTokens().map(({ isRevoked }) => isRevoked)).toEqual([true]);
      await expectNothingStored();
      expect((await ben.browser.open(address)).text).toContain('could not store it, so nothing was granted');
      await consent(harness, ben, REMIND);
      expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
    });

    it('for too long, of somebody who had granted something before: that stands', async () => {
      const { ben, slack } = harness;
      await consent(harness, ben, DND);
      const { going, bringBack } = await exchangeAndTakeAway();
      await pass(1_000, () => hasLine('failed to store a consent'));
      await going;
      await bringBack();
      await pass(1_000, async () => (await harness.log()).some(({ error }) => error === 'not_stored'));
      await harness.settled();
      expect(slack.callsTo('auth.revoke')).toEqual([]);
      expect((await harness.grants()).map(({ scope }) => scope)).toEqual([DND]);
    });
  });

  it('comes after ten minutes', async () => {
    const { ben, slack, clock } = harness;
    const address = await allowAndStop();
    await clock.advance(10 * 60_000, 60_000);
    const page = await ben.browser.open(address);
    expect(page).toMatchObject({ status: 400, text: expect.stringContaining('expired') });
    expect(slack.callsTo('oauth.v2.access')).toEqual([]);
    await expectNothingStored();
    await harness.restart(25 * 60 * 60_000);
    await clock.advance(60_000);
    await harness.settled();
    const { pathname, search } = new URL(address);
    expect((await ben.browser.open(harness.url(pathname + search))).text).toContain('not known');
  });

  it('is a refusal that somebody made up', async () => {
    const { ben } = harness;
    await ask(harness, ben, REMIND);
    for (const query of [
      'error=access_denied&state=made-up',
      'error=access_denied',
      'state=made-up&code=1',
      '',
    ]) {
      expect(await visit(query)).toMatchObject({ status: 400, text: expect.stringContaining('not known') });
    }
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`]);
    expect(ben.surface()?.texts.join()).toContain('Set reminders for you');
  });

  it('is another user’s "Not now"', async () => {
    const { ben, cleo } = harness;
    await ask(harness, ben, REMIND);
    const [requested] = await harness.log();
    const action = { type: 'button', action_id: 'decline_consent', value: requested?.request_id };
    await postAction(harness, { userId: 'U0CLEO', action });
    await postAction(harness, { userId: 'U0CLEO', action: { ...action, value: 'made-up' } });
    await harness.settled();
    expect(await harness.events()).toEqual([`requested ${REMIND}`]);
    expect(cleo.lastMessage()?.plain).toContain('nothing was changed');
    await (await openConsent(ben)).allow();
    await harness.settled();
    expect((await harness.events()).at(-1)).toBe(`granted ${REMIND}`);
  });

  it('brings a code that was used before', async () => {
    const { ben } = harness;
    const first = new URL(await allowAndStop());
    await ben.browser.open(first.href);
    await ask(harness, ben, DND);
    const second = new URL((await (await openConsent(ben)).allow({ dropRedirect: true })).redirect ?? '');
    second.searchParams.set('code', first.searchParams.get('code') ?? '');
    const page = await ben.browser.open(second.href);
    expect(page).toMatchObject({ status: 502, text: expect.stringContaining('code_already_used') });
    expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error: 'code_already_used' });
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
  });

  it('brings an error of Slack’s, or one that somebody wrote into the address', async () => {
    const { ben } = harness;
    for (const [error, shown] of [
      ['invalid_scope', 'invalid_scope'],
      ['<script>alert(1)</script>', 'invalid_redirect'],
    ] as const) {
      await ask(harness, ben, REMIND);
      const state = new URL(ben.link('Allow in Slack')).searchParams.get('state') ?? '';
      const page = await visit(new URLSearchParams({ state, error }).toString());
      expect(page).toMatchObject({ status: 502, text: expect.stringContaining(shown) });
      expect(page.html).not.toContain('<script>');
      expect((await harness.log()).at(-1)).toMatchObject({ event: 'failed', error: shown });
    }
  });

  const faults: [string, Answer][] = [
    ['http_500', { status: 500, text: 'oops' }],
    ['network_error', { reset: true }],
    ['timeout', { hang: true }],
    ['invalid_code', { body: { ok: false, error: 'invalid_code' } }],
    ['invalid_response', { body: { ok: true } }],
    ['ratelimited', { status: 429, body: { ok: false, error: 'ratelimited' } }],
  ];
  it.each(faults)(
    'fails at Slack with %s: page, modal and log say so, and it can be asked again',
    async (error, fault) => {
      const { ben, slack, clock } = harness;
      slack.faults.answerNext('oauth.v2.access', fault);
      await ask(harness, ben, REMIND);
      const going = (await openConsent(ben)).allow();
      await until(() => slack.callsTo('oauth.v2.access').length === 1);
      if (fault.hang) await clock.advance(30_000);
      const page = await going;
      await harness.settled();
      expect(page).toMatchObject({ status: 502, text: expect.stringContaining(error) });
      const failed = (await harness.log()).at(-1);
      expect(failed).toMatchObject({ event: 'failed', error, user_id: 'U0BEN' });
      expect(page.text).toContain(String(failed?.request_id));
      expect(ben.surface()?.texts.join()).toContain(error);
      await expectNothingStored();
      await consent(harness, ben, REMIND);
      expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
    },
  );
});
