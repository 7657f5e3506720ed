import type { Answer, Delivery } from '../../sandbox/types';
import { backends } from '../support/backends';
import { type Harness, startHarness } from '../support/harness';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const ASK = `request ${REMIND}`;
/** The prompt may have been shown all the same. */
const SLACK_FAULTS = ['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable'];
const ACK_LIMIT_MS = 3_000;
/** The app has given the call up by then. The trigger lives a little longer. */
const LATE_MS = 2_900;

describe.each(backends)(
  'asking while Slack is not itself, by $name',
  ({ oauth, method, isAsked, allow, close }) => {
    let harness: Harness;
    beforeEach(async () => {
      harness = await startHarness({}, { oauth });
    });
    afterEach(() => harness.close());

    const calls = () => harness.slack.callsTo(method);

    /** Ben asks; once Slack has the call, so much time goes by. */
    async function askDuring(fault: Answer, passesMs = 0): Promise<Delivery> {
      const { slack, ben, clock } = harness;
      slack.faults.answerNext(method, fault);
      const asked = ben.runCommand('/permissions', ASK);
      await until(() => calls().length === 1);
      await clock.advance(passesMs);
      const delivery = await asked;
      await harness.settled();
      return delivery;
    }

    /** Slack had its 200 in time, the log says what was wrong, and Ben has a sentence and a button. */
    async function expectContinue(delivery: Delivery, error: string, sentence: string): Promise<void> {
      expect(delivery.status).toBe(200);
      expect(delivery.durationMs).toBeLessThan(ACK_LIMIT_MS);
      expect(await harness.log()).toMatchObject([
        { event: 'failed', error, user_id: 'U0BEN', scopes: [REMIND] },
      ]);
      const [message, ...others] = harness.ben.messages();
      expect(message).toMatchObject({
        ephemeral: true,
        plain: expect.stringContaining(sentence),
        buttons: ['Continue'],
      });
      expect(others).toEqual([]);
      expect(calls()).toHaveLength(1);
    }

    it('reads no answer that has no end: the user gets "Continue"', async () => {
      const delivery = await askDuring({ endless: true });
      await expectContinue(delivery, 'invalid_response', '');
      await expectContinueWorks();
    });

    /** The press asks with its own trigger, and the answer belongs to the request that failed. */
    async function expectContinueWorks(): Promise<void> {
      const { ben } = harness;
      // Half an answer was enough for Slack to show it.
      if (isAsked(ben, REMIND)) await close(ben);
      const press = await ben.press('Continue');
      await harness.settled();
      expect(calls()).toHaveLength(2);
      expect(calls()[1]?.args.trigger_id).toBe(press.payload.trigger_id);
      expect(isAsked(ben, REMIND)).toBe(true);
      await allow(harness, ben);
      const entries = await harness.log();
      expect(entries.map(({ event }) => event)).toEqual(['failed', 'requested', 'granted']);
      expect(new Set(entries.map(({ request_id }) => request_id)).size).toBe(1);
      expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);
    }

    describe.each<[string, Answer]>([
      ['before it does anything', { delayMs: 2_500 }],
      ['after it has shown the question', { delayMs: 2_500, afterEffect: true }],
    ])('2.5 s late, %s', (_when, fault) => {
      it('asks, and Slack has its 200 in time: one call, no "Continue"', async () => {
        const { ben, clock } = harness;
        const delivery = await askDuring(fault, 2_500);
        expect(delivery).toMatchObject({ status: 200, durationMs: 2_500 });
        expect(isAsked(ben, REMIND)).toBe(true);
        expect(ben.messages()).toEqual([]);
        await clock.advance(60_000, 10_000);
        expect(calls()).toHaveLength(1);
        await allow(harness, ben);
        const entries = await harness.log();
        expect(entries.map(({ event }) => event)).toEqual(['requested', 'granted']);
        expect(entries[1]?.request_id).toBe(entries[0]?.request_id);
      });
    });

    const HTML = '<!doctype html><title>Sorry</title><p>Back in a minute.';
    it.each<[string, Answer, error: string, sentence: string, passesMs: number]>([
      ['never answers', { hang: true }, 'timeout', 'within the three seconds', LATE_MS],
      [
        'stops in the middle of its answer',
        { hang: 'midway' },
        'timeout',
        'within the three seconds',
        LATE_MS,
      ],
      ['breaks the connection', { reset: true }, 'network_error', 'could not be reached', 0],
      ['breaks it mid-answer', { reset: 'midway' }, 'network_error', 'could not be reached', 0],
      ['answers 500', { status: 500, text: 'oops' }, 'http_500', 'HTTP 500', 0],
      ['answers 503 with nothing', { status: 503 }, 'http_503', 'HTTP 503', 0],
      ['answers 502 in HTML', { status: 502, text: HTML }, 'http_502', 'HTTP 502', 0],
      ['answers 200 in HTML', { text: HTML }, 'invalid_response', 'Slack', 0],
      ['answers 200 with nothing', { text: '' }, 'invalid_response', 'Slack', 0],
      [
        'says fatal_error',
        { body: { ok: false, error: 'fatal_error' } },
        'fatal_error',
        'may not have been shown',
        0,
      ],
    ])('gives a "Continue" that works where Slack %s', async (_what, fault, error, sentence, passesMs) => {
      await expectContinue(await askDuring(fault, passesMs), error, sentence);
      await expectContinueWorks();
    });

    it.each<[string, Answer, error: string, passesMs: number]>([
      ['came after the trigger’s death', { delayMs: LATE_MS, afterEffect: true }, 'timeout', LATE_MS],
      ['was shown at the last moment', { delayMs: LATE_MS }, 'timeout', LATE_MS],
      ['stopped in the middle', { hang: 'midway' }, 'timeout', LATE_MS],
      ['broke off in the middle', { reset: 'midway' }, 'network_error', 0],
      ['broke off before it began', { reset: true, afterEffect: true }, 'network_error', 0],
      ['was a 503', { status: 503, text: '', afterEffect: true }, 'http_503', 0],
      ['was HTML', { text: HTML, afterEffect: true }, 'invalid_response', 0],
      ...SLACK_FAULTS.map((error): [string, Answer, string, number] => [
        `was ${error}`,
        { body: { ok: false, error }, afterEffect: true },
        error,
        0,
      ]),
    ])(
      'joins what is said to a question that was shown although the answer %s',
      async (_what, fault, error, passesMs) => {
        const { ben } = harness;
        const delivery = await askDuring(fault, passesMs);
        await expectContinue(delivery, error, 'Slack');
        const [failed] = await harness.log();
        expect(isAsked(ben, REMIND)).toBe(true);

        await allow(harness, ben);
        expect((await harness.log()).slice(1)).toMatchObject([
          { event: 'granted', scopes: [REMIND], request_id: failed?.request_id },
        ]);
        expect((await harness.grants()).map(({ scope }) => scope)).toEqual([REMIND]);

        await ben.press('Continue');
        await harness.settled();
        expect(calls()).toHaveLength(1);
        expect(
          ben
            .messages()
            .map(({ plain }) => plain)
            .join('\n'),
        ).toContain(`You have granted \`${REMIND}\` already`);
        expect(ben.messages().flatMap(({ buttons }) => buttons)).not.toContain('Continue');
      },
    );

    it('goes on offering "Continue" as long as it lasts, and one message is all that Ben sees of it', async () => {
      const { ben, slack } = harness;
      slack.faults.answerAlways(method, { reset: true });
      await ben.runCommand('/permissions', ASK);
      await harness.settled();
      for (let press = 0; press < 3; press += 1) {
        await ben.press('Continue');
        await harness.settled();
        expect(ben.messages()).toMatchObject([{ buttons: ['Continue'] }]);
      }
      slack.faults.answerAlways(method, undefined);
      await ben.press('Continue');
      await harness.settled();
      expect(isAsked(ben, REMIND)).toBe(true);
      expect(ben.messages()).toEqual([]);
      const entries = await harness.log();
      expect(entries.map(({ event }) => event)).toEqual([...Array(4).fill('failed'), 'requested']);
      expect(new Set(entries.map(({ request_id }) => request_id)).size).toBe(1);
    });
  },
);
