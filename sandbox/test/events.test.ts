import { createHmac } from 'node:crypto';
import { until } from './support/until';
import { startWorld, type World } from './support/world';

const EVENT = { type: 'user_resource_denied', user: 'U0BEN', scopes: ['chat:write'], trigger_id: '1.2.abc' };

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const retryHeaders = () =>
  world.app.requests.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']]);

test('an event is signed JSON, and done with the first 2xx', async () => {
  const { sandbox, app, clock } = world;

  const delivery = await sandbox.sendEvent(EVENT);

  const { headers, body, payload } = app.requests[0]!;
  expect(headers['content-type']).toBe('application/json');
  const timestamp = String(Math.floor(clock.now() / 1000));
  const digest = createHmac('sha256', sandbox.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  expect(headers['x-slack-request-timestamp']).toBe(timestamp);
  expect(headers['x-slack-signature']).toBe(`v0=${digest}`);
  expect(payload).toMatchObject({ type: 'event_callback', event: EVENT });
  expect(delivery).toMatchObject({ kind: 'event', body, attempt: 1, status: 200 });
  expect(retryHeaders()).toEqual([[undefined, undefined]]);
});

test('the driver may set what makes an event the same, old or foreign', async () => {
  await world.sandbox.sendEvent(EVENT, { eventId: 'Ev1', eventTime: 1234, teamId: 'T0OTHER' });

  expect(world.app.requests[0]?.payload).toMatchObject({
    event_id: 'Ev1',
    event_time: 1234,
    team_id: 'T0OTHER',
    authorizations: [{ team_id: 'T0OTHER' }],
  });
});

test('without a 2xx it comes again at once, after a minute, and after five', async () => {
  const { sandbox, app, clock } = world;
  app.onRequest(() => ({ status: 500 }));
  let outcome: unknown;
  const sent = sandbox.sendEvent(EVENT).then((delivery) => {
    outcome = delivery;
  });

  await sandbox.settled();
  expect(app.requests).toHaveLength(2);
  await clock.advance(59_999);
  await sandbox.settled();
  expect(app.requests).toHaveLength(2);
  await clock.advance(1);
  await sandbox.settled();
  expect(app.requests).toHaveLength(3);
  await clock.advance(299_999);
  await sandbox.settled();
  expect(app.requests).toHaveLength(3);
  expect(outcome).toBeUndefined();
  await clock.advance(1);
  await sent;
  expect(app.requests).toHaveLength(4);
  await clock.advance(3_600_000);
  await sandbox.settled();
  expect(app.requests).toHaveLength(4);

  expect(outcome).toMatchObject({ status: 500, error: 'http_error', attempt: 4 });
  expect(retryHeaders()).toEqual([
    [undefined, undefined],
    ['1', 'http_error'],
    ['2', 'http_error'],
    ['3', 'http_error'],
  ]);
  expect(new Set(app.requests.map(({ payload }) => payload.event_id)).size).toBe(1);
  expect(sandbox.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
});

test('each attempt is signed with the time at which it is sent', async () => {
  const { sandbox, app, clock } = world;
  const startS = Math.floor(clock.now() / 1000);
  app.onRequest(() => ({ status: 503 }));
  const sent = sandbox.sendEvent(EVENT);
  await sandbox.settled();
  app.onRequest(() => undefined);
  await clock.advance(60_000);
  await sent;

  expect(app.requests.map(({ headers }) => Number(headers['x-slack-request-timestamp']) - startS)).toEqual([
    0, 0, 60,
  ]);
  expect(app.requests.at(-1)?.payload.event_time).toBe(startS);
});

test('a retry that gets a 2xx is the last', async () => {
  const { sandbox, app, clock } = world;
  app.onRequest(() => ({ status: app.requests.length === 1 ? 500 : 202 }));

  expect(await sandbox.sendEvent(EVENT)).toMatchObject({ status: 202, attempt: 2 });
  await clock.advance(3_600_000);
  await sandbox.settled();

  expect(app.requests).toHaveLength(2);
});

test('no answer in 3 seconds is http_timeout, a broken connection is connection_failed', async () => {
  const { sandbox, app, clock } = world;
  app.onRequest(() => (app.requests.length === 1 ? 'hang' : app.requests.length === 2 ? 'reset' : undefined));
  const sent = sandbox.sendEvent(EVENT);
  await until(() => app.requests.length > 0);

  await clock.advance(3000);
  await sandbox.settled();
  await clock.advance(60_000);

  expect(await sent).toMatchObject({ status: 200, attempt: 3 });
  expect(retryHeaders()).toEqual([
    [undefined, undefined],
    ['1', 'http_timeout'],
    ['2', 'connection_failed'],
  ]);
  expect(sandbox.deliveries.map(({ error, status }) => [error, status])).toEqual([
    ['http_timeout', undefined],
    ['connection_failed', undefined],
    [undefined, 200],
  ]);
});

test('events of one moment have different ids', async () => {
  await Promise.all([world.sandbox.sendEvent(EVENT), world.sandbox.sendEvent(EVENT)]);

  const [first, second] = world.app.requests.map(({ payload }) => payload.event_id);
  expect(first).not.toBe(second);
});

test('closing ends what waits for its next attempt', async () => {
  const other = await startWorld();
  other.app.onRequest(() => ({ status: 500 }));
  const sent = other.sandbox.sendEvent(EVENT);
  await other.sandbox.settled();

  await other.close();

  expect(await sent).toMatchObject({ status: 500, attempt: 2 });
});

test('closing ends what the app holds up', async () => {
  const other = await startWorld();
  other.app.onRequest(() => 'hang');
  const sent = other.sandbox.sendEvent(EVENT);
  await until(() => other.app.requests.length > 0);

  await other.close();

  expect(await sent).toMatchObject({ status: undefined, error: 'connection_failed', attempt: 1 });
});
