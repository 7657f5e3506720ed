import type { Background } from '../services/runtime/background';
import { PayloadError } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { createSaturation } from '../services/runtime/overload';
import type { Arrival } from './arrival';
import type { Asks } from './asks';
import { toBusyAnswer } from './busy';

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
  | { is: 'failed' }
  /** Nothing was done with it, since too much is under way. Slack sends an event again. */
  | { is: 'busy' };

/** Takes what the gates let in, by HTTP or by Socket Mode. */
export interface Front {
  /** Never rejects. */
  take(delivery: Delivery): Promise<Taken>;
  /** Whether what comes now is refused, as too much is under way. */
  isBusy(): boolean;
}

/**
 * So much may be under way. Whoever comes then is told so at once, instead of waiting until nobody waits for the answer any
 * more; and what it takes of memory has an end.
 */
const MOST_UNDER_WAY = {
  /** While it waits for Slack. */
  idle: 1_000,
  /** While it waits for the processor: a small part of the three seconds. */
  saturated: 300,
};

/** Gestures that ask go straight to Slack; everything else goes to Bolt, which is loaded when the app listens already. */
export function createFront({
  asks,
  loadBolt,
  background,
  logger,
  most = MOST_UNDER_WAY,
  isSaturated = createSaturation(),
}: {
  asks: Asks;
  loadBolt: () => Promise<Deliver>;
  background: Background;
  logger: Logger;
  most?: typeof MOST_UNDER_WAY;
  isSaturated?: () => boolean;
}): Front {
  let underWay = 0;
  let refused = 0;

  /** One line for each time that it is too much, not for each of those who come then. */
  function isBusy(): boolean {
    const isTooMuch =
      underWay >= (isSaturated() ? most.saturated : most.idle) || background.count() >= most.idle;
    if (isTooMuch) {
      if (refused === 0) logger.error({ under_way: underWay }, 'more comes than can be done: refusing');
      refused += 1;
    } else if (refused > 0 && underWay < most.saturated / 2) {
      logger.warn({ refused }, 'no longer too much');
      refused = 0;
    }
    return isTooMuch;
  }

  async function handle(delivery: Delivery): Promise<Taken> {
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
  }

  return {
    async take(delivery) {
      if (isBusy()) {
        const payload = toBusyAnswer(delivery.body);
        return payload === undefined ? { is: 'busy' } : { is: 'acknowledged', payload };
      }
      underWay += 1;
      try {
        return await handle(delivery);
      } finally {
        underWay -= 1;
      }
    },
    isBusy,
  };
}
