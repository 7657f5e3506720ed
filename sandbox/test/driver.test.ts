import { startSandbox } from '../sandbox';
import { createJournal } from '../wire/journal';
import manifest from './support/manifest.json';
import { until } from './support/until';
import { startWorld, type World } from './support/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

test('it tells of every change until one stops listening', async () => {
  const { sandbox } = world;
  let changes = 0;
  const stop = sandbox.onChange(() => {
    changes += 1;
  });
  const changedBy = async (act: () => unknown) => {
    const before = changes;
    await act();
    return changes > before;
  };
  const trigger_id = await world.freshTrigger();

  expect(await changedBy(() => world.call('chat.postMessage', { channel: 'U0BEN', text: 'x' }))).toBe(true);
  expect(await changedBy(() => sandbox.grantDirectly('U0BEN', ['chat:write']))).toBe(true);
  expect(
    await changedBy(() =>
      world.call('apps.permissions.users.request', { scopes: 'chat:write', user: 'U0BEN', trigger_id }),
    ),
  ).toBe(true);
  expect(await changedBy(() => sandbox.as('U0BEN').closePrompt())).toBe(true);
  expect(await changedBy(() => sandbox.as('U0BEN').runCommand('/permissions'))).toBe(true);
  stop();
  expect(await changedBy(() => sandbox.as('U0BEN').runCommand('/permissions'))).toBe(false);
});

test('settled waits for what is being posted', async () => {
  const { sandbox, app } = world;
  let answer: (() => void) | undefined;
  app.onRequest(
    () =>
      new Promise((resolve) => {
        answer = () => resolve(undefined);
      }),
  );
  let isSettled = false;
  void sandbox.as('U0BEN').runCommand('/permissions');
  const settled = sandbox.settled().then(() => {
    isSettled = true;
  });
  await until(() => answer !== undefined);
  expect(isSettled).toBe(false);

  answer?.();
  await settled;

  expect(sandbox.deliveries).toMatchObject([{ status: 200 }]);
});

test('it keeps the last 10,000 calls and deliveries', () => {
  const journal = createJournal({ changed: () => undefined });
  const call = {
    method: '',
    args: {},
    headers: {},
    contentType: undefined,
    answer: {},
    status: 200,
    httpMethod: '',
  };
  const delivery = {
    body: '',
    payload: {},
    headers: {},
    transport: 'http' as const,
    attempt: 1,
    status: 200,
    responseBody: '',
    durationMs: 0,
  };
  for (let at = 0; at < 10_005; at += 1) {
    journal.addCall({ ...call, at });
    journal.addDelivery({ ...delivery, kind: 'event', at });
  }

  for (const kept of [journal.calls, journal.deliveries]) {
    expect(kept).toHaveLength(10_000);
    expect([kept[0]?.at, kept.at(-1)?.at]).toEqual([5, 10_004]);
  }
});

test('port, secret and token can be chosen', async () => {
  const first = await startSandbox({ manifest, signingSecret: 'secret', botToken: 'xoxb-mine' });
  expect(first).toMatchObject({ signingSecret: 'secret', botToken: 'xoxb-mine', teamId: 'T0SANDBOX' });
  const port = Number(new URL(first.url).port);
  await expect(startSandbox({ manifest, port })).rejects.toThrow('EADDRINUSE');
  await first.close();
  const second = await startSandbox({ manifest, port });
  expect(second.url).toBe(first.url);
  await second.close();
});

test('it keeps the system’s time unless it is given another', async () => {
  const own = await startSandbox({ manifest, requestUrl: world.app.url });
  const before = Math.floor(Date.now() / 1000);
  const { headers } = await own.as('U0ADA').runCommand('/permissions');
  expect(Number(headers['X-Slack-Request-Timestamp'])).toBeGreaterThanOrEqual(before);
  expect(Number(headers['X-Slack-Request-Timestamp'])).toBeLessThanOrEqual(before + 5);
  await own.close();
});
