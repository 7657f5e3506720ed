import { PayloadError } from '../services/errors';
import type { Logger } from '../services/logger';
import type { Arrival } from './arrival';
import type { Asks } from './asks';

/** What Slack sent, read, and found to be something that it sends. */
export interface Delivery {
  body: Readonly<Record<string, unknown>>;
  arrival: Arrival;
  /** Where Slack sends it again. */
  retryNum: number | undefined;
  retryReason: string | undefined;
}

/** Resolves when the listener is done, with what it acknowledged; undefined: nothing was. Throws where it failed. */
export type Deliver = (delivery: Delivery) => Promise<{ payload: unknown } | undefined>;

/** What Slack is to be told. */
export type Taken =
  /** It is done. The payload is what stands in the answer. */
  | { is: 'acknowledged'; payload: unknown }
  /** It cannot be read: to send it again cannot help. */
  | { is: 'unreadable'; why: string }
  /** It failed: Slack is to send it again. */
  | { is: 'failed' };

/** Takes what the gates let in, by HTTP or by Socket Mode. Never rejects. */
export type Front = (delivery: Delivery) => Promise<Taken>;

/** Gestures that ask go straight to Slack; everything else goes to Bolt, which is loaded when the app listens already. */
export function createFront({
  asks,
  loadBolt,
  logger,
}: {
  asks: Asks;
  loadBolt: () => Promise<Deliver>;
  logger: Logger;
}): Front {
  return async (delivery) => {
    const taken = asks.take(delivery.body, delivery.arrival);
    if (taken !== undefined) return { is: 'acknowledged', payload: await taken };
    try {
      const deliver = await loadBolt();
      const answer = await deliver(delivery);
      if (answer !== undefined) return { is: 'acknowledged', ...answer };
      logger.warn({ type: delivery.body.type }, 'no listener acknowledged what slack sent');
    } catch (error) {
      if (error instanceof PayloadError) {
        logger.error({ why: error.message }, 'slack sent something that cannot be read');
        return { is: 'unreadable', why: error.message };
      }
      logger.error({ err: error }, 'an event could not be recorded: slack will send it again');
    }
    return { is: 'failed' };
  };
}
