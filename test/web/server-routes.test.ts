import { createLogger } from '../../services/runtime/logger';
import type { Route } from '../../web/server';
import { createWebServer } from '../../web/server';

const logger = createLogger({ level: 'silent', secrets: [] });
const routes: Route[] = [
  {
    path: '/healthz',
    method: ['GET', 'HEAD'],
    handler: (_request, response) => void response.writeHead(200).end('well'),
  },
  { path: '/form', method: 'POST', handler: (_request, response) => void response.end('taken') },
  {
    path: '/broken',
    method: 'GET',
    handler: () => {
      throw new Error('secret detail');
    },
  },
  {
    path: '/broken-later',
    method: 'GET',
    handler: () => Promise.reject(new Error('secret detail')),
  },
];

let web: ReturnType<typeof createWebServer>;
let url: string;
beforeEach(async () => {
  web = createWebServer({ port: 0, logger });
  web.add(routes);
  url = `http://127.0.0.1:${await web.start()}`;
});
afterEach(() => web.stop());

async function ask(method: string, path: string) {
  const response = await fetch(url + path, { method, headers: { connection: 'close' } });
  return [response.status, await response.text()];
}

it('serves routes by their path and method', async () => {
  expect(await ask('GET', '/healthz?verbose=1')).toEqual([200, 'well']);
  expect(await ask('HEAD', '/healthz')).toEqual([200, '']);
  expect(await ask('POST', '/form')).toEqual([200, 'taken']);
});

it.each([
  ['GET', '/'],
  ['POST', '/healthz'],
  ['GET', '/form'],
  ['GET', '/healthz/'],
  ['GET', '//healthz'],
  ['POST', '/slack/events'],
])('answers 404 to %s %s', async (method, path) => {
  expect(await ask(method, path)).toEqual([404, 'Not found.']);
});

it.each(['/broken', '/broken-later'])('answers 500 where a page fails: %s', async (path) => {
  expect(await ask('GET', path)).toEqual([500, 'This could not be handled.']);
});

it('says that a port is taken', async () => {
  const port = Number(new URL(url).port);
  await expect(createWebServer({ port, logger }).start()).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
