import { type App, ReceiverMultipleAckError } from '@slack/bolt';
import type { Background } from '../services/runtime/background';
import { PayloadError } from '../services/runtime/errors';
import type { Logger } from '../services/runtime/logger';
import { createOverloadMonitor } from '../services/runtime/overload';
import { toOverloadedAnswer } from './overload';
import type { SlackBody } from './slack-body';

/** A verified, narrowed request of Slack's. */
export interface Delivery {
  body: SlackBody;
  /** Bolt puts both into the listener's `context`: `toTrigger` reads the age of the trigger from them. */
  arrival: {
    /** ms; by Slack's signed `X-Slack-Request-Timestamp`, or our own clock where that is earlier. */
    sentAt: number;
    /** ms, by our own clock. */
    arrivedAt: number;
  };
  /** Both undefined at the first attempt. */
  retryNum: number | undefined;
  retryReason: string | undefined;
}

/** How the receiver answers Slack. */
export type DeliveryOutcome =
  /** The payload is the body of Slack's 200. */
  | { is: 'acknowledged'; payload: unknown }
  /** It cannot be read: a retry cannot help. */
  | { is: 'unreadable'; why: string }
  /** It failed: Slack must retry. */
  | { is: 'failed' }
  /** No listener was called. Slack retries an event. */
  | { is: 'overloaded' };

/** Beyond these numbers, requests are refused at once, instead of waiting until Slack gives up. */
const MAX_UNDER_WAY = {
  /** While the event loop has time. */
  idle: 1_000,
  /** While it has none: their processing takes a small part of the three seconds. */
  saturated: 300,
};

export type Deliveries = ReturnType<typeof createDeliveries>;

/**
 * Hands requests of both receivers to Bolt, and waits for the acknowledgement.
 *
 * A gesture is acknowledged when its listener calls `ack`. Bolt's own receivers acknowledge an event before its listeners
 * run, so that a crash or a locked database loses it; here it is acknowledged when they are done, and Slack
 * retries one that failed.
 */
export function createDeliveries({
  background,
  logger,
  most = MAX_UNDER_WAY,
  isSaturated = createOverloadMonitor(),
}: {
  background: Background;
  logger: Logger;
  most?: typeof MAX_UNDER_WAY;
  isSaturated?: () => boolean;
}) {
  let bolt: App | undefined;
  const underWay = new Set<Promise<void>>();
  let shed = 0;

  function isOverloaded(): boolean {
    return underWay.size >= (isSaturated() ? most.saturated : most.idle) || background.count() >= most.idle;
  }

  /** Logs one line for each overload, not for each request. */
  function countShed(): void {
    if (shed === 0) logger.error({ under_way: underWay.size }, 'overloaded: shedding requests');
    shed += 1;
  }

  function countTaken(): void {
    if (shed === 0 || underWay.size >= most.saturated / 2) return;
    logger.warn({ shed }, 'no longer overloaded');
    shed = 0;
  }

  /** Requests about the app itself. Bolt would leave some of them unanswered for three seconds. */
  function answerWithoutListener({ type, challenge, ssl_check }: SlackBody): DeliveryOutcome | undefined {
    if (type === 'url_verification') return { is: 'acknowledged', payload: { challenge } };
    if (type === 'app_rate_limited')
      logger.error('slack dropped events: the app exceeded 30,000 events an hour');
    const isKnown = ssl_check === '1' || type === 'app_rate_limited' || type === 'dialog_cancellation';
    return isKnown ? { is: 'acknowledged', payload: undefined } : undefined;
  }

  /** `settle` takes the first result; an error after the acknowledgement is only logged. */
  async function process(delivery: Delivery, settle: (result: DeliveryOutcome) => boolean): Promise<void> {
    const { body, arrival, retryNum, retryReason } = delivery;
    const isEvent = body.type === 'event_callback';
    async function acknowledge(payload?: unknown): Promise<void> {
      if (!settle({ is: 'acknowledged', payload })) throw new ReceiverMultipleAckError();
    }
    try {
      await bolt?.processEvent({
        body,
        // Bolt calls it for an event before any listener has run.
        ack: isEvent ? async () => {} : acknowledge,
        retryNum,
        retryReason,
        customProperties: { ...arrival },
      });
      if (isEvent) settle({ is: 'acknowledged', payload: undefined });
      else if (settle({ is: 'failed' }))
        logger.warn({ type: body.type }, 'no listener acknowledged the request');
    } catch (error) {
      if (error instanceof PayloadError) {
        logger.error({ why: error.message }, 'malformed payload from slack');
        settle({ is: 'unreadable', why: error.message });
      } else if (settle({ is: 'failed' })) {
        logger.error({ err: error }, 'failed to record an event: slack will retry it');
      } else logger.error({ err: error }, 'listener failed after the acknowledgement');
    }
  }

  return {
    /** As Bolt's `Receiver.init`. */
    init(app: App): void {
      bolt = app;
    },
    isOverloaded,
    countShed,
    /** Never rejects. */
    take(delivery: Delivery): Promise<DeliveryOutcome> {
      const answer = answerWithoutListener(delivery.body);
      if (answer !== undefined) return Promise.resolve(answer);
      if (isOverloaded()) {
        countShed();
        const payload = toOverloadedAnswer(delivery.body);
        return Promise.resolve(
          payload === undefined ? { is: 'overloaded' } : { is: 'acknowledged', payload },
        );
      }
      countTaken();
      return new Promise((resolve) => {
        let isSettled = false;
        const work = process(delivery, (result) => {
          if (isSettled) return false;
          isSettled = true;
          resolve(result);
          return true;
        }).finally(() => underWay.delete(work));
        underWay.add(work);
      });
    },
    /** Resolves when every listener is done. */
    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
