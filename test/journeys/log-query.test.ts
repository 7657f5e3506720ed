import { toLogQuery } from '../../listeners/commands/log-query';
import type { Person } from '../../sandbox/types';
import { eitherDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { postAction } from '../support/signed-post';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

describe.each(eitherDatabase)('/permissions log in words, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database });
  });
  afterEach(() => harness.close());

  async function logSeenBy(person: Person, words: string): Promise<string> {
    await person.runCommand('/permissions', `log ${words}`);
    await harness.settled();
    return person.lastMessage()?.plain ?? '';
  }

  /** Ben is asked for one and grants it; Cleo is asked for another and does not. */
  async function fill(): Promise<void> {
    const { ben, cleo } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await ben.allow();
    await cleo.runCommand('/permissions', `request ${DND}`);
    await cleo.deny();
    await harness.settled();
  }

  /** Who and what stands in each line. */
  const linesOf = (seen: string) =>
    [...seen.matchAll(/^• .*?<@(\w+)> · \*(\w+)\* · `([^`]+)`/gm)].map((match) => match.slice(1).join(' '));

  it('shows all of it without words', async () => {
    await fill();
    expect(linesOf(await logSeenBy(harness.ada, ''))).toEqual([
      `U0CLEO denied ${DND}`,
      `U0CLEO requested ${DND}`,
      `U0BEN granted ${REMIND}`,
      `U0BEN requested ${REMIND}`,
    ]);
    expect(harness.ada.lastMessage()?.buttons).toEqual([]);
  });

  it.each([
    ['@ben', [`U0BEN granted ${REMIND}`, `U0BEN requested ${REMIND}`]],
    ['U0CLEO', [`U0CLEO denied ${DND}`, `U0CLEO requested ${DND}`]],
    ['u0ben', [`U0BEN granted ${REMIND}`, `U0BEN requested ${REMIND}`]],
    [DND, [`U0CLEO denied ${DND}`, `U0CLEO requested ${DND}`]],
    ['reminders:write', [`U0BEN granted ${REMIND}`, `U0BEN requested ${REMIND}`]],
    ['Denied', [`U0CLEO denied ${DND}`]],
    ['requested, @Cleo', [`U0CLEO requested ${DND}`]],
    [`today granted ${REMIND} @ben`, [`U0BEN granted ${REMIND}`]],
    ['`denied`, `U0CLEO`', [`U0CLEO denied ${DND}`]],
    [`“${DND}” and ‘denied’`, [`U0CLEO denied ${DND}`]],
    ['«U0BEN»\u200b ｇｒａｎｔｅｄ，\u2068today\u2069', [`U0BEN granted ${REMIND}`]],
  ])('finds what is asked for by “%s”', async (words, lines) => {
    await fill();
    expect(linesOf(await logSeenBy(harness.ada, words))).toEqual(lines);
  });

  it('says what it was asked for, also where there is nothing', async () => {
    await fill();
    expect(await logSeenBy(harness.ada, `denied @cleo ${DND}`)).toContain(
      `*The latest entries of the grant log*: *denied*, <@U0CLEO>, \`${DND}\``,
    );
    expect(await logSeenBy(harness.ada, 'granted @cleo')).toContain(
      'Nothing in the grant log matches: *granted*, <@U0CLEO>.',
    );
  });

  it('answers words that mean nothing with those that can be typed', async () => {
    await fill();
    const seen = await logSeenBy(harness.ada, 'denied @nobody Tomorrow <!channel> `x`');
    expect(seen).toContain(
      'The log cannot be searched for `@nobody`, `Tomorrow`, `&lt;!channel&gt;`, and `x`.',
    );
    for (const word of ['@ben', 'dnd:write:user', 'unanswered', 'today', 'week'])
      expect(seen).toContain(`\`${word}\``);
    expect(linesOf(seen)).toEqual([]);
    expect(await logSeenBy(harness.ada, 'denied granted today week @ben')).toContain(
      'One of a kind at a time: `granted` and `week` is one too many.',
    );
  });

  it('says nothing to members, whatever they type', async () => {
    await fill();
    expect(await logSeenBy(harness.ben, '@cleo')).toContain('for the admins of this workspace');
    expect(await logSeenBy(harness.ben, 'nonsense')).toContain('for the admins of this workspace');
  });

  it('counts days as they are where the admin is', async () => {
    const { slack, ada, clock } = harness;
    // Where she is, it is an hour after midnight.
    const start = clock.now() - HOUR_MS;
    const offsetMs = (start % DAY_MS < DAY_MS / 2 ? 0 : DAY_MS) - (start % DAY_MS);
    const times = [start - 6 * DAY_MS - 1, start - DAY_MS, start - 1, start];
    for (const [index, at] of times.entries()) {
      await slack.sendEvent({ type: 'user_resource_granted', user: `U00${index}`, scopes: [DND] });
      await harness.database.run(
        `update grant_log set at = '${new Date(at).toISOString()}' where user_id = 'U00${index}'`,
      );
    }
    const user = { id: 'U0ADA', is_admin: true, tz_offset: offsetMs / 1_000 };
    slack.faults.answerAlways('users.info', { body: { ok: true, user } });

    const who = async (words: string) =>
      linesOf(await logSeenBy(ada, words)).map((line) => line.slice(0, 'U000'.length));
    expect(await who('today')).toEqual(['U003']);
    expect(await who('yesterday')).toEqual(['U002', 'U001']);
    expect(await who('week')).toEqual(['U003', 'U002', 'U001']);
    expect(await who('')).toEqual(['U003', 'U002', 'U001', 'U000']);
  });

  describe('with more than a page', () => {
    const usersOf = (person: Person) =>
      linesOf(person.lastMessage()?.plain ?? '').map((line) => line.split(' ')[0]);
    const range = (from: number, to: number) =>
      Array.from({ length: from - to + 1 }, (_, index) => `U0${String(from - index).padStart(2, '0')}`);

    beforeEach(async () => {
      const { slack } = harness;
      for (let user = 1; user <= 25; user += 1) {
        const name = `U0${String(user).padStart(2, '0')}`;
        await slack.sendEvent({ type: 'user_resource_granted', user: name, scopes: [REMIND] });
        await slack.sendEvent({ type: 'user_resource_denied', user: name, scopes: [DND] });
      }
      await logSeenBy(harness.ada, 'granted today');
    });

    async function press(label: string): Promise<void> {
      await harness.ada.press(label);
      await harness.settled();
    }

    it('turns the pages in place, to the end and back', async () => {
      const { ada } = harness;
      const count = ada.messages().length;
      expect(usersOf(ada)).toEqual(range(25, 16));
      expect(ada.lastMessage()?.buttons).toEqual(['Older']);

      await press('Older');
      expect(usersOf(ada)).toEqual(range(15, 6));
      expect(ada.lastMessage()?.buttons).toEqual(['Newer', 'Older']);
      await press('Older');
      expect(usersOf(ada)).toEqual(range(5, 1));
      expect(ada.lastMessage()?.buttons).toEqual(['Newer']);
      expect(ada.lastMessage()?.plain).toContain('*Earlier entries of the grant log*: *granted*, since');

      await press('Newer');
      expect(usersOf(ada)).toEqual(range(15, 6));
      await harness.slack.sendEvent({ type: 'user_resource_granted', user: 'U026', scopes: [REMIND] });
      await press('Newer');
      expect(usersOf(ada)).toEqual(range(25, 16));
      expect(ada.lastMessage()?.buttons).toEqual(['Newer', 'Older']);
      await press('Newer');
      expect(usersOf(ada)).toEqual(range(26, 17));
      expect(ada.messages()).toHaveLength(count);
    });

    it('turns them for admins only, and for nobody who was one', async () => {
      const { slack, ada, ben } = harness;
      const value = JSON.stringify({ event: 'granted' });
      await postAction(harness, {
        userId: 'U0BEN',
        action: { type: 'button', action_id: 'older_log_entries', value },
      });
      await harness.settled();
      expect(ben.lastMessage()?.plain).toContain('for the admins of this workspace');

      slack.users.find(({ id }) => id === 'U0ADA')!.isAdmin = false;
      await press('Older');
      expect(ada.lastMessage()?.plain).toContain('for the admins of this workspace');
      expect(ada.messages().map(usersOfMessage)).not.toContainEqual(range(15, 6));
    });

    const usersOfMessage = ({ plain }: { plain: string }) => linesOf(plain).map((line) => line.split(' ')[0]);

    it.each([
      ['another workspace', JSON.stringify({ teamId: 'T0SECOND' })],
      ['no JSON', 'x'],
      ['an unknown event', JSON.stringify({ event: "x' or 1=1" })],
      ['nothing', undefined],
    ])('shows the newest page of one’s own workspace where the value is %s', async (_name, value) => {
      const { slack, ada } = harness;
      await slack.sendEvent(
        { type: 'user_resource_granted', user: 'U0DORA', scopes: [REMIND] },
        { teamId: 'T0SECOND' },
      );
      await postAction(harness, {
        userId: 'U0ADA',
        action: { type: 'button', action_id: 'newer_log_entries', value },
      });
      await harness.settled();
      expect(new Set(usersOf(ada))).toEqual(new Set(range(25, 21)));
    });
  });
});

describe('ADMIN_USER_IDS', () => {
  it('has Slack asked where somebody is only for a day', async () => {
    const harness = await startHarness({ ADMIN_USER_IDS: 'U0CLEO' });
    const { slack, cleo } = harness;
    await cleo.runCommand('/permissions', 'log granted');
    await harness.settled();
    expect(slack.callsTo('users.info')).toEqual([]);
    await cleo.runCommand('/permissions', 'log today');
    await harness.settled();
    expect(slack.callsTo('users.info')).toHaveLength(1);
    expect(cleo.lastMessage()?.plain).toContain('Nothing in the grant log matches: since');
    await harness.close();
  });
});

describe('the words of /permissions log', () => {
  const read = (...words: string[]) => toLogQuery(words, (word) => (word === 'admin' ? 'admin' : undefined));

  it('takes nothing for a person that is none', () => {
    expect(read('WEEK').span).toBe('week');
    expect(read('UNANSWERED').filter).toEqual({ event: 'unanswered' });
    expect(read('users', 'UNKNOWN', 'w').unknown).toEqual(['users', 'UNKNOWN', 'w']);
    expect(read('<@W012AB3CD|ben the great>').filter).toEqual({ userId: 'W012AB3CD' });
  });

  it('knows scopes of the catalog by any name, and others by their form', () => {
    expect(read('admin').filter).toEqual({ scope: 'admin' });
    expect(read('channels:read').filter).toEqual({ scope: 'channels:read' });
    expect(read('http://x', `${'x'.repeat(80)}:y`).unknown).toHaveLength(2);
  });
});
