import { startWorld, type World } from './support/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const textsOf = (userId: string) =>
  world.sandbox
    .as(userId)
    .messages()
    .map((message) => message.text);

test('chat.postMessage reaches who is in the channel', async () => {
  const toAll = await world.call('chat.postMessage', { channel: 'C0GENERAL', text: 'for all' });
  await world.call('chat.postMessage', { channel: 'D0BEN', text: 'for Ben' });
  const toCleo = await world.call('chat.postMessage', { channel: 'U0CLEO', text: 'for Cleo' });

  expect(toAll).toMatchObject({
    ok: true,
    channel: 'C0GENERAL',
    message: { text: 'for all', bot_id: 'B0APP' },
  });
  expect(toCleo).toMatchObject({ ok: true, channel: 'D0CLEO' });
  expect(textsOf('U0ADA')).toEqual(['for all']);
  expect(textsOf('U0BEN')).toEqual(['for all', 'for Ben']);
  expect(textsOf('U0CLEO')).toEqual(['for all', 'for Cleo']);
  expect(world.sandbox.as('U0ADA').lastMessage()).toMatchObject({ ts: toAll.ts, ephemeral: false });
});

test('timestamps are unique and grow while the clock stands still', async () => {
  const stamps: unknown[] = [];
  for (let count = 0; count < 5; count += 1) {
    stamps.push((await world.call('chat.postMessage', { channel: 'C0GENERAL', text: 'x' })).ts);
  }
  expect([...new Set(stamps)].sort()).toEqual(stamps);
});

test('chat.postEphemeral is for one person', async () => {
  const answer = await world.call('chat.postEphemeral', {
    channel: 'C0GENERAL',
    user: 'U0BEN',
    text: 'psst',
  });

  expect(answer).toMatchObject({ ok: true, message_ts: expect.any(String) });
  expect(world.sandbox.as('U0BEN').lastMessage()).toMatchObject({ text: 'psst', ephemeral: true });
  expect(textsOf('U0ADA')).toEqual([]);
});

test('chat.update changes a message; text without blocks takes the blocks away', async () => {
  const blocks = JSON.stringify([{ type: 'section', text: { type: 'mrkdwn', text: 'block' } }]);
  const { ts } = await world.call('chat.postMessage', { channel: 'D0BEN', text: 'before', blocks });
  expect(world.sandbox.as('U0BEN').lastMessage()).toMatchObject({ text: 'before', plain: 'block' });

  const args = { channel: 'D0BEN', ts: String(ts), text: 'after' };
  expect(await world.call('chat.update', args)).toMatchObject({ ok: true, ts, text: 'after' });

  expect(world.sandbox.as('U0BEN').messages()).toMatchObject([
    { ts, text: 'after', plain: 'after', blocks: [] },
  ]);
});

test('chat.delete takes a message away', async () => {
  const { ts } = await world.call('chat.postMessage', { channel: 'D0BEN', text: 'gone soon' });
  expect(await world.call('chat.delete', { channel: 'D0BEN', ts: String(ts) })).toMatchObject({
    ok: true,
    ts,
  });
  expect(textsOf('U0BEN')).toEqual([]);
});

test('ephemeral messages, other channels and people cannot be updated or deleted', async () => {
  const posted = await world.call('chat.postEphemeral', {
    channel: 'C0GENERAL',
    user: 'U0BEN',
    text: 'psst',
  });
  const { ts } = await world.call('chat.postMessage', { channel: 'D0BEN', text: 'stays' });
  const cases = [
    [{ channel: 'C0GENERAL', ts: String(posted.message_ts) }, 'message_not_found'],
    [{ channel: 'C0GENERAL', ts: String(ts) }, 'message_not_found'],
    [{ channel: 'U0BEN', ts: String(ts) }, 'channel_not_found'],
    [{ channel: 'C0NOWHERE', ts: String(ts) }, 'channel_not_found'],
  ] as const;
  for (const [args, error] of cases) {
    expect(await world.call('chat.update', { ...args, text: 'changed' })).toMatchObject({ error });
    expect(await world.call('chat.delete', args)).toMatchObject({ error });
  }
  expect(textsOf('U0BEN')).toEqual(['psst', 'stays']);
});

test.each([
  ['chat.postMessage', { channel: 'C0NOWHERE', text: 'x' }, 'channel_not_found'],
  ['chat.postMessage', { channel: 'U0APP', text: 'x' }, 'channel_not_found'],
  ['chat.postMessage', { channel: 'C0GENERAL' }, 'no_text'],
  ['chat.postMessage', { channel: 'C0GENERAL', text: 'x'.repeat(40_001) }, 'msg_too_long'],
  ['chat.postMessage', { channel: 'C0GENERAL', blocks: 'no JSON' }, 'invalid_blocks_format'],
  ['chat.postEphemeral', { channel: 'C0NOWHERE', user: 'U0BEN', text: 'x' }, 'channel_not_found'],
  ['chat.postEphemeral', { channel: 'D0CLEO', user: 'U0BEN', text: 'x' }, 'user_not_in_channel'],
  ['chat.postEphemeral', { channel: 'C0GENERAL', user: 'U0APP', text: 'x' }, 'user_not_in_channel'],
])('%s with %.80p is refused with %s', async (method, args, error) => {
  expect(await world.call(method, args as Record<string, string>)).toMatchObject({ ok: false, error });
  expect(world.sandbox.as('U0BEN').messages()).toEqual([]);
});
