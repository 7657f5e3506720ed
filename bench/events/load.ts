import { Pool } from 'undici';
import { z } from 'zod';
import { median, round } from '../numbers';
import { report } from '../program';
import { sign, toBody, toEventId } from './body';

const CONNECTIONS = 50;

const orderSchema = z.object({ port: z.number(), from: z.number(), count: z.number() });

/** Sends the events of an order over 50 connections, each as soon as the one before it on its connection was answered. */
async function send({ port, from, count }: z.infer<typeof orderSchema>): Promise<object> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const posts = Array.from({ length: count }, (_, index) => {
    const body = toBody(from + index, nowSeconds);
    return { body, signature: sign(body, nowSeconds) };
  });
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, pipelining: 1 });
  const timestamp = String(nowSeconds);
  const latencies = new Float64Array(count);
  const unacknowledged: string[] = [];
  let next = 0;

  async function sendInTurn(): Promise<void> {
    while (next < count) {
      const index = next;
      next += 1;
      const post = posts[index];
      if (post === undefined) return;
      const began = performance.now();
      const isAcknowledged = await pool
        .request({
          path: '/slack/events',
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-slack-request-timestamp': timestamp,
            'x-slack-signature': post.signature,
          },
          body: post.body,
        })
        .then(async ({ statusCode, body }) => {
          await body.dump();
          return statusCode === 200;
        })
        .catch(() => false);
      latencies[index] = performance.now() - began;
      if (!isAcknowledged) unacknowledged.push(toEventId(from + index));
    }
  }

  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, sendInTurn));
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await pool.close();
  const sorted = latencies.sort();
  return {
    seconds,
    unacknowledged,
    loadCpuSeconds: (user + system) / 1e6,
    p50Ms: round(median([...sorted])),
    p99Ms: round(sorted[Math.floor(count * 0.99)] ?? Number.NaN),
  };
}

process.on('message', (order) => {
  send(orderSchema.parse(order)).then(report, (error: unknown) => {
    process.stderr.write(`the load was not sent: ${String(error)}\n`);
    process.exit(1);
  });
});
report({ ready: true });
