import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from '../types';
import { startWorld, type World } from './support/world';

let world: World;
let server: Server;
let site: string;
let answer: (req: IncomingMessage, res: ServerResponse) => void;
let browser: Browser;

beforeEach(async () => {
  world = await startWorld();
  server = createServer((req, res) => answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ({ browser } = world.sandbox.as('U0BEN'));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

/** What the site was sent as its own cookies. */
const cookiesOf = (req: IncomingMessage) =>
  (req.headers.cookie ?? '').split('; ').filter((pair) => pair !== '' && !pair.startsWith('sandbox_user='));

test('it follows redirects, and reads the page where they end', async () => {
  answer = (req, res) => {
    if (req.url === '/start') res.writeHead(302, { location: '/next?a=1' }).end();
    else if (req.url === '/next?a=1') res.writeHead(303, { location: `${site}/end` }).end();
    else
      res
        .writeHead(404, { 'content-type': 'text/html', 'x-more': 'yes' })
        .end(
          '<html><head><title>no</title></head><body><h1>A &amp; B</h1><p>one <b>two</b></p></body></html>',
        );
  };
  const page = await browser.open(`${site}/start`);
  expect(page).toMatchObject({ url: `${site}/end`, status: 404, text: 'A & B\none two' });
  expect(page.headers['x-more']).toBe('yes');
  expect(page.html).toContain('<title>no</title>');
  expect(page.authorize).toBeUndefined();
  await expect(page.allow()).rejects.toThrow('nothing to allow or deny on this page: A & B');
});

test('redirects in a circle come to an end', async () => {
  answer = (_req, res) => res.writeHead(302, { location: '/' }).end();
  await expect(browser.open(site)).rejects.toThrow('leads from one redirect to the next');
});

test('it stays on this machine', async () => {
  answer = (_req, res) => res.writeHead(302, { location: 'slack://app?team=T0SANDBOX' }).end();
  expect(await browser.open(site)).toMatchObject({ status: 302, redirect: 'slack://app?team=T0SANDBOX' });
  await expect(browser.open('https://slack.com/')).rejects.toThrow('stays on this machine');
});

test('it keeps cookies, and gives them up in time', async () => {
  const sent: string[][] = [];
  answer = (req, res) => {
    sent.push(cookiesOf(req));
    const set: Record<string, string[]> = {
      '/set': ['a=1; Path=/; HttpOnly; Secure', 'b=2; Max-Age=60; Path=/', 'c=3; Path=/only/here'],
      '/unset': ['a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    };
    res.writeHead(200, { 'set-cookie': set[req.url ?? ''] ?? [] }).end('ok');
  };
  for (const path of ['/set', '/any', '/only/here/too', '/unset', '/any']) await browser.open(site + path);
  await world.clock.advance(60_000);
  await browser.open(`${site}/any`);
  await world.sandbox.as('U0CLEO').browser.open(`${site}/any`);

  expect(sent).toEqual([[], ['a=1', 'b=2'], ['a=1', 'b=2', 'c=3'], ['a=1', 'b=2'], ['b=2'], [], []]);
});

test('links of a page are found by what they read', async () => {
  answer = (_req, res) =>
    res
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<p><a class="x" href="/go?a=1&amp;b=2"><b>Go</b> on</a> <a href="/pic"><img alt="Add"></a></p>');
  const page = await browser.open(site);
  expect(page.link('Go on')).toBe(`${site}/go?a=1&b=2`);
  expect(page.link('Add')).toBe(`${site}/pic`);
  expect(() => page.link('Away')).toThrow(`There is no link "Away" on ${site}/; there is "Go on", "Add".`);
});

test('links on a person’s screen: url buttons and mrkdwn, the modal first, then the newest message', async () => {
  const ben = world.sandbox.as('U0BEN');
  const plain = (text: string) => ({ type: 'plain_text', text });
  const button = (label: string, url?: string) => ({ type: 'button', text: plain(label), url });
  const say = (blocks: unknown[]) =>
    world.call('chat.postMessage', { channel: 'U0BEN', text: 'x', blocks: JSON.stringify(blocks) });
  const actions = (...elements: unknown[]) => ({ type: 'actions', elements });

  expect(() => ben.link('Open')).toThrow('There is no link "Open"; there is none.');
  await say([actions(button('Open', 'https://old.invalid/'), button('No address'))]);
  await say([
    actions(button('Open', 'https://new.invalid/?a=1&b=2')),
    { type: 'section', text: { type: 'mrkdwn', text: 'See <https://docs.invalid/?a=1&amp;b=2|the docs>.' } },
  ]);
  await world.call('chat.postMessage', { channel: 'U0BEN', text: 'Plain <https://plain.invalid/>' });
  expect(ben.link('Open')).toBe('https://new.invalid/?a=1&b=2');
  expect(ben.link('the docs')).toBe('https://docs.invalid/?a=1&b=2');
  expect(ben.link('https://plain.invalid/')).toBe('https://plain.invalid/');
  expect(() => ben.link('No address')).toThrow(
    'there is "https://plain.invalid/", "Open", "the docs", "Open".',
  );

  const view = {
    type: 'modal',
    title: plain('T'),
    blocks: [actions(button('Open', 'https://modal.invalid/'))],
  };
  await world.call('views.open', { trigger_id: await world.freshTrigger(), view: JSON.stringify(view) });
  expect(ben.link('Open')).toBe('https://modal.invalid/');
  // A url button tells the app as well, when it is pressed.
  expect((await ben.press('Open')).payload).toMatchObject({
    type: 'block_actions',
    actions: [{ url: 'https://modal.invalid/' }],
  });
});
