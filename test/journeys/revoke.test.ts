import type { Answer } from '../../sandbox/types';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { consent } from '../support/oauth';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe.each(eitherDatabase)('taking back what was granted over OAuth, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database, oauth: true });
    await consent(harness, harness.ben, REMIND);
    await harness.clock.advance(5_000);
  });
  afterEach(() => harness.close());

  const granted = [`requested ${REMIND}`, `granted ${REMIND}`];

  async function revoke(): Promise<string | undefined> {
    const { ben } = harness;
    await ben.runCommand('/permissions', 'revoke');
    await ben.press('Take it back');
    await harness.settled();
    return ben.messages().find(({ ephemeral }) => ephemeral)?.plain;
  }

  it('is dropped by "Keep it"', async () => {
    const { ben, slack } = harness;
    await ben.runCommand('/permissions', 'revoke');
    await ben.press('Keep it');
    await harness.settled();
    expect(slack.callsTo('auth.revoke')).toEqual([]);
    expect(ben.messages().filter(({ ephemeral }) => ephemeral)).toEqual([]);
    expect(await harness.grants()).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['network_error', { reset: true }],
    ['http_503', { status: 503, text: '' }],
    ['ratelimited', { status: 429, body: { ok: false } }],
    ['fatal_error', { body: { ok: false, error: 'fatal_error' } }],
    ['invalid_auth', { body: { ok: false, error: 'invalid_auth' } }],
    ['token_expired', { body: { ok: false, error: 'token_expired' } }],
    ['not_revoked', { body: { ok: true, revoked: false } }],
  ])('changes nothing where Slack cannot do it (%s), and can be tried again', async (error, fault) => {
    const { slack } = harness;
    slack.faults.answerNext('auth.revoke', fault);
    expect(await revoke()).toContain(`It did not work (\`${error}\`), and nothing was changed`);
    expect(await harness.events()).toEqual(granted);
    expect(await harness.grants()).toHaveLength(1);
    expect(await harness.database.run('select user_id from user_tokens')).toHaveLength(1);
    await revoke();
    expect(slack.granted('U0BEN')).toEqual([]);
    expect(await harness.events()).toEqual([...granted, `removed ${REMIND}`]);
  });

  it('is done where Slack had revoked the token before, and had not said so', async () => {
    const { slack } = harness;
    await slack.revokeToken('U0BEN', { silent: true });
    expect(await revoke()).toContain('no longer stand');
    expect((await harness.log()).at(-1)).toMatchObject({
      event: 'removed',
      scopes: [REMIND],
      source: 'oauth',
    });
    expect(await harness.grants()).toEqual([]);
  });

  it('is done once by a button that is pressed twice', async () => {
    const { ben } = harness;
    await ben.runCommand('/permissions', 'revoke');
    await Promise.all([ben.press('Take it back'), ben.press('Take it back')]);
    await harness.settled();
    expect(await harness.events()).toEqual([...granted, `removed ${REMIND}`]);
    expect(ben.messages().filter(({ plain }) => plain.startsWith('Noted: you took back'))).toHaveLength(1);
  });

  it('is told the user later where Slack says invalid_auth to the message', async () => {
    const { slack, ben, clock } = harness;
    slack.faults.answerNext('chat.postMessage', { body: { ok: false, error: 'invalid_auth' } });
    await slack.revokeToken('U0BEN');
    await harness.settled();
    expect(ben.messages().some(({ plain }) => plain.startsWith('Noted: you took back'))).toBe(false);
    await clock.advance(5_000);
    await harness.settled();
    expect(ben.lastMessage()?.plain).toContain('Noted: you took back');
  });

  it('says that only Slack can where it was granted in Slack’s own prompt', async () => {
    const { slack, cleo } = harness;
    const event = { type: 'user_resource_granted', user: 'U0CLEO', scopes: [DND], trigger_id: '1.2.abc' };
    await slack.sendEvent(event);
    await cleo.runCommand('/permissions', 'revoke');
    await cleo.press('Take it back');
    await harness.settled();
    expect(
      cleo
        .messages()
        .map(({ plain }) => plain)
        .join(),
    ).toContain('only Slack takes them back');
    expect(slack.callsTo('auth.revoke')).toEqual([]);
    expect((await harness.grants()).map(({ user_id }) => user_id)).toEqual(['U0BEN', 'U0CLEO']);
  });

  it('is told by Slack where the user does it there', async () => {
    const { slack, ben } = harness;
    await slack.revokeToken('U0BEN');
    await harness.settled();
    expect((await harness.log()).at(-1)).toMatchObject({
      event: 'removed',
      scopes: [REMIND],
      source: 'slack_event',
      reason: 'tokens_revoked',
    });
    expect(ben.lastMessage()?.plain).toContain('Noted: you took back');
    expect(await harness.database.run('select 1 from user_tokens')).toEqual([]);

    await harness.clock.advance(5_000);
    await consent(harness, ben, DND);
    await slack.sendEvent(
      { type: 'tokens_revoked', tokens: { oauth: ['U0BEN'] } },
      { eventTime: Math.floor(harness.clock.now() / 1_000) - 4 },
    );
    expect((await harness.grants()).map(({ scope }) => scope)).toEqual([DND]);
    expect(await harness.database.run('select 1 from user_tokens')).toHaveLength(1);
  });
});
