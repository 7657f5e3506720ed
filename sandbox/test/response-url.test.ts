import { startWorld, type World } from './support/world';

const BUTTONS = JSON.stringify([
  { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Go' } }] },
]);

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const ben = () => world.sandbox.as('U0BEN');

async function fromCommand(): Promise<string> {
  return (await ben().runCommand('/permissions')).payload.response_url as string;
}

async function post(url: string, body: unknown, contentType = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': contentType } });
  return { status: response.status, text: await response.text() };
}

test('answers for one person, unless told otherwise', async () => {
  const url = await fromCommand();

  expect(await post(url, { text: 'private' })).toEqual({ status: 200, text: 'ok' });
  await post(url, { text: 'for all', response_type: 'in_channel' });

  expect(ben().messages()).toMatchObject([
    { text: 'private', ephemeral: true, channel: 'C0GENERAL' },
    { text: 'for all', ephemeral: false },
  ]);
  expect(world.sandbox.as('U0ADA').messages()).toMatchObject([{ text: 'for all' }]);
});

test('works five times', async () => {
  const url = await fromCommand();
  for (let use = 1; use <= 5; use += 1) {
    expect((await post(url, { text: String(use) })).status).toBe(200);
  }

  expect(await post(url, { text: '6' })).toEqual({ status: 404, text: '{"ok":false,"error":"used_url"}' });
  expect(ben().messages()).toHaveLength(5);
});

test('works for 30 minutes', async () => {
  const url = await fromCommand();
  await world.clock.advance(30 * 60_000);
  expect((await post(url, { text: 'just in time' })).status).toBe(200);
  await world.clock.advance(1);
  expect(await post(url, { text: 'late' })).toEqual({
    status: 404,
    text: '{"ok":false,"error":"expired_url"}',
  });
});

test('one that was never given out', async () => {
  const { status } = await post(`${world.sandbox.url}/response/nonsense`, { text: 'x' });
  expect(status).toBe(404);
});

test('may replace or delete the message whose button was pressed, ephemeral or not', async () => {
  await world.call('chat.postEphemeral', {
    channel: 'C0GENERAL',
    user: 'U0BEN',
    text: 'first',
    blocks: BUTTONS,
  });
  const url = (await ben().press('Go')).payload.response_url as string;
  const { ts } = ben().lastMessage()!;

  await post(url, { text: 'beside' });
  await post(url, { text: 'replaced', replace_original: true });
  expect(ben().messages()).toMatchObject([
    { ts, text: 'replaced', blocks: [], ephemeral: true },
    { text: 'beside' },
  ]);

  await post(url, { delete_original: true });
  expect(ben().messages()).toMatchObject([{ text: 'beside' }]);
});

test('blocks come along', async () => {
  await post(await fromCommand(), { text: 'fallback', blocks: JSON.parse(BUTTONS) });
  expect(ben().lastMessage()).toMatchObject({ text: 'fallback', buttons: ['Go'] });
});

test('a form with a payload is understood, too', async () => {
  const form = new URLSearchParams({ payload: JSON.stringify({ text: 'form' }) }).toString();
  await post(await fromCommand(), form, 'application/x-www-form-urlencoded');
  expect(ben().lastMessage()?.text).toBe('form');
});

test.each([
  ['no JSON', 'text', 'invalid_payload'],
  ['nothing to show', {}, 'no_text'],
  ['bad blocks', { blocks: [{ type: 'nonsense' }] }, 'invalid_blocks'],
])('%s is refused', async (_name, body, error) => {
  const { status, text } = await post(await fromCommand(), body);
  expect(status).toBe(400);
  expect(JSON.parse(text)).toMatchObject({ ok: false, error });
  expect(ben().messages()).toEqual([]);
});

test('posts to it are kept among the calls', async () => {
  await post(await fromCommand(), { text: 'seen', replace_original: true });

  expect(world.sandbox.callsTo('response_url')).toMatchObject([
    { args: { text: 'seen', replace_original: 'true' }, answer: 'ok', status: 200, httpMethod: 'POST' },
  ]);
});

test('over 1 MB gets 413', async () => {
  expect((await post(await fromCommand(), { text: 'x'.repeat(1_048_577) })).status).toBe(413);
});
