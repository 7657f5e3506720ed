import { randomUUID } from 'node:crypto';
import { type Harness, startHarness } from '../support/harness';
import { type PostAnswer, post } from '../support/signed-post';
import {
  asks,
  CHECKS,
  commands,
  envelopes,
  events,
  homesOpened,
  openings,
  others,
  TRIGGER,
  teamAccess,
} from '../support/slack-payloads';

const REMIND = 'reminders:write:user';
const REQUEST = 'apps.permissions.users.request';
/** Nobody listens there, and nothing here has to be answered. */
const RESPONSE_URL = 'http://127.0.0.1:9/response';
const ACKNOWLEDGED: PostAnswer = { status: 200, text: '' };

/** Shapes that real Slack sends, through the real door: each is taken, and does what it is for. */
describe('what real Slack sends', () => {
  let harness: Harness;
  async function start(): Promise<void> {
    harness = await startHarness();
    // The trigger is none of this sandbox.
    for (const method of [REQUEST, 'views.open', 'dialog.open'])
      harness.slack.faults.answerAlways(method, { body: { ok: true } });
  }
  beforeAll(start);
  afterAll(() => harness.close());

  const form = (fields: Record<string, string>) =>
    post(harness, {
      body: new URLSearchParams(fields).toString(),
      contentType: 'application/x-www-form-urlencoded',
    });
  const interaction = (payload: object) => form({ payload: JSON.stringify(payload) });
  const event = (envelope: object) =>
    post(harness, {
      body: JSON.stringify({
        event_id: `Ev${randomUUID()}`,
        event_time: Math.floor(harness.clock.now() / 1_000),
        ...envelope,
      }),
    });

  async function callsDuring(method: string, send: () => Promise<PostAnswer>, answer = ACKNOWLEDGED) {
    const before = harness.slack.callsTo(method).length;
    expect(await send()).toEqual(answer);
    await harness.settled();
    return harness.slack.callsTo(method).slice(before);
  }

  const ASKED = [{ args: { trigger_id: TRIGGER, user: 'U0BEN', scopes: REMIND } }];

  // What was asked once is not asked again: time for the request before to end.
  const forget = async () => {
    await harness.clock.advance(11 * 60_000, 60_000);
    await harness.settled();
  };

  it.each(commands(REMIND, RESPONSE_URL))('asks by a command %s', async (_of, fields) => {
    expect(await callsDuring(REQUEST, () => form(fields))).toMatchObject(ASKED);
    await forget();
  });

  it.each(asks(REMIND, RESPONSE_URL))('asks by %s', async (_by, payload) => {
    expect(await callsDuring(REQUEST, () => interaction(payload))).toMatchObject(ASKED);
    expect((await harness.log()).at(-1)).toMatchObject({ team_id: 'T0SANDBOX', event: 'requested' });
    await forget();
  });

  it.each(openings)('opens a form by %s', async (_by, payload, method) => {
    expect(await callsDuring(method, () => interaction(payload))).toMatchObject([
      { args: { trigger_id: TRIGGER } },
    ]);
  });

  it.each(others(RESPONSE_URL))('acknowledges %s', async (_what, payload) => {
    const before = harness.slack.calls.length;
    expect(await interaction(payload)).toEqual(ACKNOWLEDGED);
    await harness.settled();
    expect(harness.slack.calls.slice(before)).toEqual([]);
  });

  describe('events', () => {
    // The same event, told again in another envelope, would change nothing.
    beforeEach(async () => {
      await harness.close();
      await start();
      await harness.slack.sendEvent({ type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND] });
      await harness.clock.advance(2_000);
    });

    /** What was recorded after Ben's grant. */
    const told = async () =>
      (await harness.log())
        .slice(1)
        .map(({ event, team_id, user_id, scopes }) => `${event} ${team_id} ${user_id} ${String(scopes)}`);

    describe.each(envelopes)('%s', (_of, envelope) => {
      it.each(events(REMIND))('%s is recorded', async (_type, body, entries) => {
        expect(await event({ ...envelope, event: body })).toEqual(ACKNOWLEDGED);
        expect(await told()).toEqual(entries);
      });

      it.each(homesOpened)('app_home_opened %s is answered by the home', async (_when, body) => {
        const send = async () => {
          const answer = await event({ ...envelope, event: body });
          await harness.settled();
          await harness.clock.advance(2_000);
          return answer;
        };
        expect(await callsDuring('views.publish', send)).toMatchObject([{ args: { user_id: 'U0BEN' } }]);
      });
    });

    it('team_access_revoked ends what stands in the workspace, team_access_granted nothing', async () => {
      expect(await event(teamAccess('team_access_granted'))).toEqual(ACKNOWLEDGED);
      expect(await told()).toEqual([]);
      expect(await event(teamAccess('team_access_revoked'))).toEqual(ACKNOWLEDGED);
      expect(await told()).toEqual([`removed T0SANDBOX U0BEN ${REMIND}`, 'removed T0SANDBOX null ']);
    });
  });

  it('answers the checks that Slack makes of an address', async () => {
    const { url_verification, app_rate_limited, ssl_check } = CHECKS;
    const verified = await post(harness, { body: JSON.stringify(url_verification) });
    expect(verified.status).toBe(200);
    expect(verified.text).toContain(url_verification.challenge);
    expect(await post(harness, { body: JSON.stringify(app_rate_limited) })).toEqual(ACKNOWLEDGED);
    expect(await form(ssl_check)).toEqual(ACKNOWLEDGED);
  });
});
