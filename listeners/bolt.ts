import { App, type AppOptions, ReceiverMultipleAckError } from '@slack/bolt';
import type { Logger } from '../services/runtime/logger';
import { toSlackLogger } from '../services/slack/bolt-logger';
import type { Deliver } from './front';

/**
 * The Bolt app, which finds the listener of whatever Slack sends. It is given what a gate of ours has let through, by HTTP or
 * by Socket Mode, and answers with what was acknowledged when the listener is done: not before, as Bolt's own receivers
 * would. So an event is in the database before it is acknowledged, and one that failed is sent again.
 */
export function createBolt({
  botToken,
  clientOptions,
  register,
  logger,
}: {
  botToken: string | undefined;
  clientOptions: AppOptions['clientOptions'];
  register: (app: App) => void;
  logger: Logger;
}): Deliver {
  let bolt: App | undefined;
  const receiver = {
    init(app: App) {
      bolt = app;
    },
    start: async () => {},
    stop: async () => {},
  };
  const app = new App({
    receiver,
    // Cannot throw, and calls nobody: where it fails, Bolt answers 200 for an event that nobody recorded.
    authorize: async () => ({ botToken }),
    ...(clientOptions && { clientOptions }),
    logger: toSlackLogger(logger),
    convoStore: false,
    ignoreSelf: false,
    extendedErrorHandler: true,
  });
  register(app);

  return async ({ body, arrival, retryNum, retryReason }) => {
    let answer: { payload: unknown } | undefined;
    await bolt?.processEvent({
      body,
      async ack(payload: unknown) {
        if (answer !== undefined) throw new ReceiverMultipleAckError();
        answer = { payload };
      },
      retryNum,
      retryReason,
      customProperties: { ...arrival },
    });
    return answer;
  };
}
