import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createLogger } from '../../services/runtime/logger';
import { createWebServer } from '../../web/server';
import { until } from '../support/until';

describe('a stop of the web server', () => {
  it('waits for what is under way, and not for its connection, which is kept open', async () => {
    const held: ServerResponse[] = [];
    const web = createWebServer({
      port: 0,
      host: '127.0.0.1',
      logger: createLogger({ level: 'fatal', secrets: [] }),
    });
    web.add([{ path: '/', method: 'GET', handler: (_request, response) => void held.push(response) }]);
    const port = await web.start();
    const asked = fetch(`http://127.0.0.1:${port}/`);
    await until(() => held.length === 1);
    let isStopped = false;
    const stopping = web.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    held[0]?.end('done');
    expect(await (await asked).text()).toBe('done');
    await stopping;
  });
});

describe('who holds a connection open', () => {
  const timeouts = { headersTimeout: 150, requestTimeout: 300, connectionsCheckingInterval: 20 };
  let web: ReturnType<typeof createWebServer>;
  let port: number;
  let sockets: { socket: Socket; text: string; isClosed: boolean }[];
  beforeEach(async () => {
    sockets = [];
    web = createWebServer({
      port: 0,
      host: '127.0.0.1',
      timeouts,
      maxConnections: 3,
      logger: createLogger({ level: 'fatal', secrets: [] }),
    });
    web.add([
      {
        path: '/',
        method: ['GET', 'POST'],
        // A body is awaited for as long as it takes.
        handler: (request, response) => void request.resume().once('end', () => response.end('done')),
      },
    ]);
    port = await web.start();
  });
  afterEach(async () => {
    for (const { socket } of sockets) socket.destroy();
    await web.stop();
  });

  function open(said: string) {
    const socket = connect(port, '127.0.0.1');
    const opened = { socket, text: '', isClosed: false };
    socket.on('data', (data) => {
      opened.text += String(data);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      opened.isClosed = true;
    });
    if (said !== '') socket.write(said);
    sockets.push(opened);
    return opened;
  }

  it.each([
    ['says nothing', ''],
    ['does not end its headers', 'POST / HTTP/1.1\r\nhost: x\r\n'],
    ['does not end its body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf'],
  ])('and %s is told so after seconds, and sent away', async (_what, said) => {
    const opened = open(said);
    await until(() => opened.isClosed);
    expect(opened.text).toContain('408 Request Timeout');
  });

  it('for the next request may do so', async () => {
    const opened = open('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => opened.text.includes('done'));
    const silent = open('');
    await until(() => silent.isClosed);
    expect(opened.isClosed).toBe(false);
  });

  it('for nothing makes room where there are too many', async () => {
    const kept = [1, 2, 3].map(() => open('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    await until(() => kept.every(({ text }) => text.includes('done')));
    const refused = open('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => refused.isClosed && kept.every(({ isClosed }) => isClosed));
    expect(refused.text).toBe('');
    const next = open('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await until(() => next.text.includes('done'));
  });
});
