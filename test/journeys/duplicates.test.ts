import { backends } from '../support/backends';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe.each(backends)('asking for the same twice, by $name', ({ oauth, method, isAsked, allow, close }) => {
  describe.each(databases)('on %s', (database) => {
    let harness: Harness;
    beforeEach(async () => {
      harness = await startHarness({}, { database, oauth });
    });
    afterEach(() => harness.close());

    const calls = () => harness.slack.callsTo(method);

    async function ask(scopes = REMIND): Promise<void> {
      await harness.ben.runCommand('/permissions', `request ${scopes}`);
      await harness.settled();
    }

    it('calls Slack once, and shows it again to whoever has closed it', async () => {
      const { ben } = harness;
      await ask();
      await close(ben);
      await ask();
      expect(calls()).toHaveLength(1);
      expect(ben.lastMessage()).toMatchObject({
        ephemeral: true,
        plain: expect.stringContaining('already'),
        buttons: ['Show it again'],
      });
      await ben.press('Show it again');
      await harness.settled();
      expect(isAsked(ben, REMIND)).toBe(true);
      expect(ben.messages()).toEqual([]);
      await allow(harness, ben);
      const entries = await harness.log();
      expect(entries.map(({ event }) => event)).toEqual(['requested', 'requested', 'granted']);
      expect(new Set(entries.map(({ request_id }) => request_id)).size).toBe(1);
    });

    it('calls Slack once where the second comes while the first is under way', async () => {
      const { ben, slack, clock } = harness;
      slack.faults.answerNext(method, { delayMs: 500, afterEffect: true });
      const both = [1, 2].map(() => ben.runCommand('/permissions', `request ${REMIND}`));
      await until(() => calls().length === 1);
      await clock.advance(500);
      await Promise.all(both);
      await harness.settled();
      expect(calls()).toHaveLength(1);
      expect(isAsked(ben, REMIND)).toBe(true);
      expect(ben.messages()).toEqual([]);
      expect(await harness.events()).toEqual([`requested ${REMIND}`]);
    });

    it('asks at once for anything else, and of anybody else', async () => {
      const { cleo, ben } = harness;
      await ask();
      await ask(`${REMIND},${DND}`);
      await cleo.runCommand('/permissions', `request ${REMIND}`);
      await harness.settled();
      expect(calls()).toHaveLength(3);
      expect(isAsked(cleo, REMIND)).toBe(true);
      expect(ben.messages()).toEqual([]);
    });

    it('asks again when the time of the first is over', async () => {
      const { ben } = harness;
      await ask();
      await close(ben);
      await harness.restart(11 * 60_000);
      await ask();
      expect(calls()).toHaveLength(2);
      expect(isAsked(ben, REMIND)).toBe(true);
    });

    it('asks again after a failure, with the fresh trigger', async () => {
      const { ben, slack } = harness;
      slack.faults.answerNext(method, { status: 503, text: '' });
      await ask();
      await ask();
      expect(calls()).toHaveLength(2);
      expect(isAsked(ben, REMIND)).toBe(true);
    });
  });
});
