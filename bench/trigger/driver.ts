import { z } from 'zod';
import { report } from '../program';
import { runBursts } from './driver/bursts';
import { type Exchanges, openExchanges } from './driver/exchanges';
import { runOpenLoop } from './driver/open-loop';

/** What the driver is told to do. */
const orderSchema = z.discriminatedUnion('run', [
  z.object({
    run: z.literal('bursts'),
    port: z.number(),
    size: z.number(),
    count: z.number(),
    warmUp: z.number(),
    pauseMs: z.number(),
    from: z.number(),
  }),
  z.object({
    run: z.literal('open loop'),
    port: z.number(),
    rate: z.number(),
    seconds: z.number(),
    sockets: z.number(),
    from: z.number(),
  }),
]);

function run(order: z.infer<typeof orderSchema>, exchanges: Exchanges): Promise<object> {
  return order.run === 'bursts' ? runBursts(order, exchanges) : runOpenLoop(order, exchanges);
}

// The load and the local Slack are one process: what is between two moments is then read off one clock.
async function main(): Promise<void> {
  const exchanges = await openExchanges();
  process.on('message', (message) => {
    run(orderSchema.parse(message), exchanges).then(report, (error: unknown) =>
      report({ failed: String(error) }),
    );
  });
  report({ port: exchanges.port });
}

void main();
