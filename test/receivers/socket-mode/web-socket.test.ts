import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket as PeerSocket, WebSocketServer } from 'ws';
import { openWebSocket } from '../../../receivers/socket-mode/web-socket';
import { startProxy } from '../../support/proxy';
import { createTestClock, type TestClock } from '../../support/test-clock';
import { until } from '../../support/until';

describe.each(['directly', 'through a proxy'])('a WebSocket that is opened %s', (way) => {
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let server: WebSocketServer;
  let clock: TestClock;
  let pingClock: TestClock;
  let messages: unknown[];
  let errors: string[];
  let isClosed: boolean;
  beforeEach(async () => {
    proxy = await startProxy();
    clock = createTestClock();
    pingClock = createTestClock();
    messages = [];
    errors = [];
    isClosed = false;
  });
  afterEach(() => {
    for (const peer of server.clients) peer.terminate();
    server.close();
    proxy.close();
  });

  /** Resolves when both sides have the connection. */
  async function open({ autoPong = true } = {}) {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong });
    await once(server, 'listening');
    const socket = openWebSocket({
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      proxy: way === 'directly' ? undefined : { httpProxy: proxy.url, noProxy: '' },
      clock,
      pingClock,
      onMessage: (data) => messages.push(data),
      onError: ({ message }) => errors.push(message),
    });
    void socket.closed.then(() => {
      isClosed = true;
    });
    const [peer]: PeerSocket[] = await once(server, 'connection');
    const heard = once(peer!, 'message');
    while (!socket.send('here')) await new Promise((resolve) => setImmediate(resolve));
    await heard;
    return { socket, peer: peer! };
  }

  /** Lets two seconds pass, and what the peer answers to the ping arrive. */
  async function passInterval(peer: PeerSocket): Promise<void> {
    const pinged = once(peer, 'ping');
    await pingClock.advance(2_000);
    await pinged;
    const count = messages.length;
    peer.send('after the pong');
    await until(() => messages.length > count);
  }

  it('is closed where the peer answers three pings in a row with nothing', async () => {
    const { socket, peer } = await open({ autoPong: false });
    const ended = once(peer, 'close');
    await pingClock.advance(7_999);
    expect(isClosed).toBe(false);
    await pingClock.advance(1);
    await socket.closed;
    await ended;
    expect(errors).toEqual(['the peer answers no pings']);
    expect(socket.send('anybody?')).toBe(false);
  });

  it('stays open as long as the peer answers, and does not ping', async () => {
    const { socket, peer } = await open();
    for (let interval = 0; interval < 30; interval += 1) await passInterval(peer);
    expect([isClosed, errors]).toEqual([false, []]);
    await socket.close();
  });

  it('is closed where the peer has pinged, and pings no more for 30 seconds', async () => {
    const { socket, peer } = await open();
    for (let round = 0; round < 2; round += 1) {
      const answered = once(peer, 'pong');
      peer.ping();
      await answered;
      for (let interval = 0; interval < 14; interval += 1) await passInterval(peer);
    }
    expect(isClosed).toBe(false);
    await pingClock.advance(2_000);
    await socket.closed;
  });

  it('closes within two seconds where the peer does not answer that', async () => {
    const { socket, peer } = await open();
    // It reads nothing, and so sees no end until it reads again.
    peer.pause();
    const closing = socket.close();
    await clock.advance(1_999);
    expect(isClosed).toBe(false);
    await clock.advance(1);
    await closing;
    const ended = once(peer, 'close');
    peer.resume();
    await ended;
  });

  it('hands on what comes, and says when it can send no more', async () => {
    const { socket, peer } = await open();
    peer.send('one');
    peer.send('two');
    peer.close();
    await socket.closed;
    expect(messages).toEqual(['one', 'two']);
    expect(socket.send('late')).toBe(false);
    await socket.close();
  });

  it('says why it could not be opened', async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const nobody = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const { closed } = openWebSocket({
      url: `ws://${nobody}/`,
      proxy: way === 'directly' ? undefined : { httpProxy: `http://${nobody}`, noProxy: '' },
      clock,
      pingClock,
      onMessage: () => {},
      onError: ({ message }) => errors.push(message),
    });
    await closed;
    expect(errors).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});
