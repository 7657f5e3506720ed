import { connect, createServer, type Socket } from 'node:net';
import { z } from 'zod';
import { report } from '../program';

const argumentsSchema = z.object({
  /** Where to pass everything on to. */
  port: z.number(),
  /** Each way. */
  delayMs: z.number(),
});

/**
 * The way between an app and Slack: what goes in comes out so much later, in the same order. A new connection takes one more
 * round trip before its first bytes, as TCP's handshake does; TLS, which takes another one or two, is not modelled.
 */
const way = argumentsSchema.parse(JSON.parse(process.argv[2] ?? ''));

function pass(from: Socket, to: Socket, openAt: number): void {
  const queue: { chunk: Buffer; dueAt: number }[] = [];
  const letGo = () => {
    const now = performance.now();
    // A timer may come a little early.
    while (queue[0] !== undefined && queue[0].dueAt <= now + 0.1) to.write(queue.shift()?.chunk ?? '');
    if (queue[0] !== undefined) setTimeout(letGo, Math.ceil(queue[0].dueAt - now));
  };
  from.on('data', (chunk: Buffer) => {
    const now = performance.now();
    queue.push({ chunk, dueAt: Math.max(now, openAt) + way.delayMs });
    if (queue.length === 1) setTimeout(letGo, Math.ceil(Math.max(0, openAt - now) + way.delayMs));
  });
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}

const server = createServer({ noDelay: true }, (app) => {
  const slack = connect({ port: way.port, host: '127.0.0.1', noDelay: true });
  const openAt = performance.now() + 2 * way.delayMs;
  pass(app, slack, openAt);
  pass(slack, app, 0);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) report({ port: address.port });
});
