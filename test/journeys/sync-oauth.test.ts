import type { Answer } from '../../sandbox/types';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { consent, openConsent } from '../support/oauth';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe.each(eitherDatabase)('the sync over auth.test, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database, oauth: true });
    await consent(harness, harness.ben, REMIND);
    await consent(harness, harness.cleo, `${REMIND},${DND}`);
    await harness.clock.advance(10_000);
  });
  afterEach(() => harness.close());

  async function sweep(whileItRuns?: () => Promise<void>): Promise<string> {
    const { ada } = harness;
    await ada.runCommand('/permissions', 'sync');
    await whileItRuns?.();
    await harness.settled();
    return ada.lastMessage()?.plain ?? '';
  }
  const fromTheList = async () =>
    (await harness.log())
      .filter(({ source }) => source === 'users_list')
      .map(({ event, user_id, scopes }) => `${event} ${user_id} ${String(scopes)}`);

  it('changes nothing where both agree, and asks with each user’s own token', async () => {
    const { slack } = harness;
    expect(await sweep()).toBe('Done: 1 page, 2 users, 0 changes.');
    const tokens = slack.callsTo('auth.test').map(({ args }) => args.token);
    expect(tokens.filter((token) => token?.startsWith('xoxp-'))).toEqual(
      slack.userTokens().map(({ value }) => value),
    );
  });

  it('mends drift in both directions', async () => {
    const { slack } = harness;
    slack.grantDirectly('U0BEN', ['dnd:write']);
    slack.revokeDirectly('U0CLEO', ['dnd:write']);
    expect(await sweep()).toBe('Done: 1 page, 2 users, 2 changes.');
    expect(await fromTheList()).toEqual([`granted U0BEN ${DND}`, `removed U0CLEO ${DND}`]);
  });

  it('finds a token that was revoked without a word, and erases it', async () => {
    const { slack } = harness;
    await slack.revokeToken('U0BEN', { silent: true });
    expect(await sweep()).toBe('Done: 1 page, 1 user, 1 change.');
    expect(await fromTheList()).toEqual([`removed U0BEN ${REMIND}`]);
    expect(await harness.database.run('select user_id from user_tokens')).toEqual([{ user_id: 'U0CLEO' }]);
  });

  it('waits as long as Slack says, and goes on', async () => {
    const { slack, clock } = harness;
    const before = slack.callsTo('auth.test').length;
    slack.faults.answerNext('auth.test', {
      status: 429,
      headers: { 'Retry-After': '7' },
      body: { ok: false, error: 'ratelimited' },
    });
    const answer = await sweep(async () => {
      await until(() => slack.callsTo('auth.test').length === before + 1);
      await clock.advance(6_900);
      expect(slack.callsTo('auth.test')).toHaveLength(before + 1);
      await until(async () => {
        await clock.advance(500);
        return slack.callsTo('auth.test').length >= before + 3;
      });
    });
    expect(answer).toBe('Done: 1 page, 2 users, 0 changes.');
  });

  it.each<[string, Answer, string]>([
    ['names no scopes', { body: { ok: true } }, 'malformed_page: auth.test names no scopes'],
    ['is no JSON', { text: '<html>' }, 'malformed_page: auth.test is not JSON with an ok'],
    ['is an error that nobody foresaw', { body: { ok: false, error: 'surprise' } }, 'surprise'],
  ])('never takes an answer that %s for "nothing granted"', async (_what, fault, error) => {
    const { slack } = harness;
    slack.revokeDirectly('U0CLEO', ['dnd:write']);
    slack.faults.answerAlways('auth.test', fault);
    expect(await sweep()).toContain(`It stopped at \`${error}\``);
    slack.faults.answerAlways('auth.test', undefined);
    expect(await harness.grants()).toHaveLength(3);
    expect(await sweep()).toContain('1 change');
    expect(await fromTheList()).toEqual([`removed U0CLEO ${DND}`]);
  });

  const says = (error: string): Answer => ({ body: { ok: false, error } });
  const tokensOf = () => harness.database.run('select user_id from user_tokens order by user_id');
  const BOTH = [{ user_id: 'U0BEN' }, { user_id: 'U0CLEO' }];

  it.each(['two_factor_setup_required', 'ekm_access_denied', 'accesslimited', 'team_access_not_granted'])(
    'skips, counts and names one user whose token answers %s, and mends the others',
    async (error) => {
      const { slack, ada, lines } = harness;
      slack.revokeDirectly('U0CLEO', ['dnd:write']);
      slack.faults.answerNext('auth.test', says(error));
      expect(await sweep()).toMatch(
        new RegExp(
          `^Done: 1 page, 1 user, 1 change. 1 user was skipped, .*: .*U0BEN.* \\(\`${error}\`\\)\\.$`,
        ),
      );
      expect(await fromTheList()).toEqual([`removed U0CLEO ${DND}`]);
      expect((await harness.grants()).map(({ user_id }) => user_id)).toEqual(['U0BEN', 'U0CLEO']);
      expect(await tokensOf()).toEqual(BOTH);
      expect(lines.filter((line) => line.includes('sync skipped users'))).toHaveLength(1);
      expect(await sweep()).toBe('Done: 1 page, 2 users, 0 changes.');
      expect(ada.messages().at(-2)?.plain).toContain('1 change, 1 skipped.');
    },
  );

  it('ends nothing where Slack says invalid_auth to everybody, the app too', async () => {
    const { slack } = harness;
    slack.faults.answerAlways('auth.test', says('invalid_auth'));
    for (let hour = 0; hour < 3; hour += 1) {
      expect(await sweep()).toMatch(/It stopped at `invalid_auth`.*calls from this address are not allowed/);
      await harness.restart(61 * 60_000);
    }
    expect(await harness.grants()).toHaveLength(3);
    expect(await tokensOf()).toEqual(BOTH);
    slack.faults.answerAlways('auth.test', undefined);
    expect(await sweep()).toBe('Done: 1 page, 2 users, 0 changes.');
  });

  it('ends the grant of one user with invalid_auth only when a sweep an hour later says the same', async () => {
    const { slack, clock } = harness;
    const doubt = async () => {
      slack.faults.answerNext('auth.test', says('invalid_auth'));
      return sweep();
    };
    expect(await doubt()).toContain('1 user was skipped');
    await harness.restart(59 * 60_000);
    expect(await doubt()).toContain('1 user was skipped');
    expect(await harness.grants()).toHaveLength(3);
    await clock.advance(60_000, 10_000);
    expect(await doubt()).toBe('Done: 1 page, 1 user, 1 change.');
    expect(await fromTheList()).toEqual([`removed U0BEN ${REMIND}`]);
    expect(await tokensOf()).toEqual([{ user_id: 'U0CLEO' }]);
  });

  it('advises the operator as this backend needs it', async () => {
    const { slack, lines } = harness;
    slack.faults.answerAlways('auth.test', says('no_permission'));
    expect(await sweep()).toContain(
      'For whoever runs the app: the app’s token may not do this: install it again',
    );
    expect(lines.find((line) => line.includes('"sync failed"'))).toContain('/slack/install');
  });

  it('forgets a doubt where the token is good in between, or a clock was set back', async () => {
    const { slack } = harness;
    const doubt = async () => {
      slack.faults.answerNext('auth.test', says('invalid_auth'));
      return sweep();
    };
    await doubt();
    await harness.restart(61 * 60_000);
    expect(await sweep()).toBe('Done: 1 page, 2 users, 0 changes.');
    expect(await doubt()).toContain('1 user was skipped');
    await harness.database.run(
      "update user_tokens set doubted_at_ms = 9000000000000 where user_id = 'U0BEN'",
    );
    expect(await doubt()).toContain('1 user was skipped');
    await harness.restart(60 * 60_000);
    expect(await doubt()).toBe('Done: 1 page, 1 user, 1 change.');
  });

  it('skips a token that cannot be read, which its user reads of who takes it back', async () => {
    const { slack, ben } = harness;
    await harness.database.run("update user_tokens set token = substr(token, 1, 30) where user_id = 'U0BEN'");
    slack.revokeDirectly('U0CLEO', ['dnd:write']);
    expect(await sweep()).toContain('Done: 1 page, 1 user, 1 change. 1 user was skipped');
    expect(await sweep()).toContain('(`secret_unreadable`)');
    await ben.runCommand('/permissions', 'revoke');
    await ben.press('Take it back');
    await harness.settled();
    expect(
      ben
        .messages()
        .map(({ plain }) => plain)
        .join(),
    ).toContain('This app can no longer read your token');
    expect(slack.callsTo('auth.revoke')).toEqual([]);
    expect(await harness.grants()).toHaveLength(2);
  });

  it('skips one user for whom the way to Slack fails each time, and waits where it fails for everybody', async () => {
    const { slack, clock, ada } = harness;
    async function sweepThroughTime(): Promise<string> {
      const before = ada.messages().length;
      await ada.runCommand('/permissions', 'sync');
      await until(async () => {
        await clock.advance(500);
        return ada.messages().length >= before + 2;
      });
      return ada.lastMessage()?.plain ?? '';
    }
    slack.faults.answerNext('auth.test', { status: 500, text: '' }, 4);
    expect(await sweepThroughTime()).toContain('Done: 1 page, 1 user, 0 changes. 1 user was skipped');
    slack.faults.answerAlways('auth.test', { status: 500, text: '' });
    expect(await sweepThroughTime()).toContain('It stopped at `http_500`');
    expect(await harness.grants()).toHaveLength(3);
  });

  it('waits where Slack says ratelimited with HTTP 200', async () => {
    const { slack, clock } = harness;
    const before = slack.callsTo('auth.test').length;
    slack.faults.answerNext('auth.test', says('ratelimited'));
    const answer = await sweep(async () => {
      await until(() => slack.callsTo('auth.test').length === before + 1);
      await until(async () => {
        await clock.advance(500);
        return slack.callsTo('auth.test').length >= before + 3;
      });
    });
    expect(answer).toBe('Done: 1 page, 2 users, 0 changes.');
  });

  it('leaves alone what is granted while it runs', async () => {
    const { slack, ada } = harness;
    slack.faults.answerNext('auth.test', { delayMs: 2_000 });
    await sweep(async () => {
      const calls = slack.callsTo('auth.test').length;
      await until(() => slack.callsTo('auth.test').length > calls - 1);
      await ada.runCommand('/permissions', `request ${REMIND}`);
      await (await openConsent(ada)).allow();
      await harness.clock.advance(2_000);
    });
    expect((await harness.grants()).map(({ user_id }) => user_id)).toContain('U0ADA');
  });
});
